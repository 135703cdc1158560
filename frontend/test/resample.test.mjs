import assert from "node:assert/strict";
import { test } from "node:test";
import { Resampler, toFloats, toPcm } from "../js/resample.js";

const tone = (hertz, rate, seconds) =>
  Float32Array.from({ length: rate * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate));
const loudness = (samples) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);

function inPieces(from, to, samples, size) {
  const resampler = new Resampler(from, to);
  const made = [];
  for (let at = 0; at < samples.length; at += size) made.push(...resampler.convert(samples.slice(at, at + size)));
  return Float32Array.from(made);
}

for (const rate of [16000, 44100, 48000]) {
  test(`a voice keeps its loudness from ${rate} to 8000 and back`, () => {
    const down = inPieces(rate, 8000, tone(1000, rate, 1), 128);
    assert.ok(Math.abs(down.length - 8000) < 40, `${down.length} samples`);
    assert.ok(Math.abs(loudness(down.slice(400, -400)) / loudness(tone(1000, 8000, 1)) - 1) < 0.02);
    const up = inPieces(8000, rate, down, 160);
    assert.ok(Math.abs(loudness(up.slice(4000, -4000)) / loudness(tone(1000, rate, 1)) - 1) < 0.02);
  });

  test(`what a telephone cannot carry does not come back as a whistle (${rate})`, () => {
    const high = inPieces(rate, 8000, tone(6200, rate, 1), 128);
    assert.ok(loudness(high) < 0.01, String(loudness(high)));
  });
}

test("pieces of any size make the same sound", () => {
  const whole = inPieces(48000, 8000, tone(440, 48000, 0.5), 24000);
  const pieces = inPieces(48000, 8000, tone(440, 48000, 0.5), 77);
  assert.deepEqual([...pieces], [...whole]);
});

test("PCM goes there and back, and too loud is as loud as can be", () => {
  const pcm = toPcm(Float32Array.of(0, 0.5, -0.5, 2, -2));
  assert.deepEqual([...pcm], [0, 16384, -16384, 32767, -32768]);
  assert.deepEqual([...toFloats(pcm.buffer)].slice(0, 3), [0, 0.5, -0.5]);
});
