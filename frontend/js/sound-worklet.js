// In the browser's audio thread: the microphone becomes 20 ms of 8 kHz PCM at a time, and PCM that
// comes from the line becomes sound.
import { Resampler, toFloats, toPcm } from "./resample.js";

const TELEPHONE = 8000;
const FRAME = 160; // 20 ms
const BEGIN_S = 0.06; // so much in hand before it sounds: the network is not even
const MOST_S = 0.4; // more is a delay nobody wants: the oldest goes
const KEEP_S = 0.12;

class Mouth extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, TELEPHONE);
    this.waiting = [];
    this.isMuted = false;
    this.port.onmessage = ({ data }) => (this.isMuted = data.muted);
  }

  process([[channel]]) {
    if (!channel) return true;
    for (const sample of this.resampler.convert(channel)) this.waiting.push(this.isMuted ? 0 : sample);
    while (this.waiting.length >= FRAME) {
      const { buffer } = toPcm(this.waiting.splice(0, FRAME));
      this.port.postMessage(buffer, [buffer]);
    }
    return true;
  }
}

class Ear extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(TELEPHONE, sampleRate);
    this.waiting = new Float32Array(0);
    this.sounds = false;
    this.port.onmessage = ({ data }) => (data === "flush" ? this.flush() : this.take(data));
  }

  flush() {
    this.waiting = new Float32Array(0);
    this.sounds = false;
  }

  take(pcm) {
    const fresh = this.resampler.convert(toFloats(pcm));
    const all = new Float32Array(this.waiting.length + fresh.length);
    all.set(this.waiting);
    all.set(fresh, this.waiting.length);
    this.waiting = all.length > MOST_S * sampleRate ? all.slice(-Math.round(KEEP_S * sampleRate)) : all;
  }

  process(_, [[channel]]) {
    this.sounds = this.waiting.length >= (this.sounds ? channel.length : BEGIN_S * sampleRate);
    if (this.sounds) {
      channel.set(this.waiting.subarray(0, channel.length));
      this.waiting = this.waiting.slice(channel.length);
    }
    return true;
  }
}

registerProcessor("mouth", Mouth);
registerProcessor("ear", Ear);
