// Sound from one rate to another: a windowed sinc, worked out wherever a sample falls. Streams.
const CROSSINGS = 8; // of zero, on either side
const FINE = 64; // points of the kernel from one crossing to the next
const BAND = 0.92; // of the lower rate's band; what lies above would come back as a whistle

const kernel = Float32Array.from({ length: CROSSINGS * FINE + 2 }, (_, index) => {
  const x = index / FINE;
  if (x >= CROSSINGS) return 0;
  const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / CROSSINGS);
  return (x === 0 ? BAND : Math.sin(Math.PI * BAND * x) / (Math.PI * x)) * window;
});

export class Resampler {
  constructor(from, to) {
    this.step = from / to;
    this.stretch = Math.max(1, this.step);
    this.reach = Math.ceil(CROSSINGS * this.stretch);
    this.heard = new Float32Array(this.reach); // silence came before
    this.at = this.reach; // where the next sample falls in what was heard
  }

  // Samples in, samples out; what they still need of the future waits.
  convert(samples) {
    const all = new Float32Array(this.heard.length + samples.length);
    all.set(this.heard);
    all.set(samples, this.heard.length);
    const made = [];
    for (; this.at + this.reach < all.length; this.at += this.step) made.push(this.#sampleAt(all));
    const done = Math.max(0, Math.floor(this.at) - this.reach);
    this.heard = all.slice(done);
    this.at -= done;
    return Float32Array.from(made);
  }

  #sampleAt(all) {
    const last = Math.floor(this.at + this.reach);
    let sum = 0;
    for (let k = Math.max(0, Math.ceil(this.at - this.reach)); k <= last; k++) {
      const place = (Math.abs(k - this.at) / this.stretch) * FINE;
      const below = Math.floor(place);
      if (below > CROSSINGS * FINE) continue;
      sum += all[k] * (kernel[below] + (kernel[below + 1] - kernel[below]) * (place - below));
    }
    return sum / this.stretch;
  }
}

export const toFloats = (pcm) => Float32Array.from(new Int16Array(pcm), (sample) => sample / 32768);

export const toPcm = (samples) =>
  Int16Array.from(samples, (sample) => Math.max(-32768, Math.min(32767, Math.round(sample * 32768))));
