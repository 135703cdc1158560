// A page's way to the voice line: sound both ways over one WebSocket, and messages about the call.
// Without a microphone, or without sound at all, the call goes on: by keys and on the screen.

const REFUSED = {
  NotAllowedError: "浏览器没有放行麦克风。请点地址栏左边的图标，允许使用麦克风",
  SecurityError: "浏览器没有放行麦克风。请点地址栏左边的图标，允许使用麦克风",
  NotFoundError: "没有找到麦克风，请检查耳机是否插好",
  NotReadableError: "麦克风正被别的程序使用，请关掉那个程序",
};
const INSECURE = "网页不是用 https 打开的，浏览器不放行麦克风和声音。请换成 https 地址";

// What stands between this page and a microphone, in words; empty when nothing does.
export class Sound {
  constructor(worklet) {
    this.worklet = worklet;
    this.fault = "";
    this.isMuted = false;
  }

  // The loudspeaker first, then the microphone: one may be had without the other.
  async open(onFrame, onChange = () => {}) {
    if (!window.isSecureContext || !navigator.mediaDevices) {
      this.fault = INSECURE;
      return;
    }
    this.context = new AudioContext({ latencyHint: "interactive" });
    this.context.onstatechange = onChange;
    await this.context.audioWorklet.addModule(this.worklet);
    this.ear = new AudioWorkletNode(this.context, "ear", { numberOfInputs: 0, outputChannelCount: [1] });
    this.ear.connect(this.context.destination);
    this.context.resume();
    try {
      await this.#listen(onFrame);
    } catch (error) {
      this.fault = REFUSED[error.name] ?? `麦克风不能用（${error.name}）`;
    }
  }

  async #listen(onFrame) {
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
    this.microphone = await navigator.mediaDevices.getUserMedia({ audio });
    this.mouth = new AudioWorkletNode(this.context, "mouth", { numberOfOutputs: 0 });
    this.mouth.port.onmessage = ({ data }) => onFrame(data);
    this.context.createMediaStreamSource(this.microphone).connect(this.mouth);
    this.context.resume(); // a page that may listen may speak
    this.mute(this.isMuted);
  }

  // A page that nobody has touched may not sound: true when a click is needed.
  get waitsForClick() {
    return this.context?.state === "suspended";
  }

  wake() {
    this.context?.resume();
  }

  play(pcm) {
    this.ear?.port.postMessage(pcm, [pcm]);
  }

  flush() {
    this.ear?.port.postMessage("flush");
  }

  mute(muted) {
    this.isMuted = muted;
    this.mouth?.port.postMessage({ muted });
  }

  close() {
    this.microphone?.getTracks().forEach((track) => track.stop());
    if (this.context) this.context.onstatechange = null;
    this.context?.close();
    this.context = this.ear = this.mouth = null;
  }
}

// The socket. `onMessage` has what is said about the call; `onClose` comes once, with the close code.
export class VoiceLink {
  constructor(sound, { onOpen = () => {}, onMessage, onClose }) {
    this.sound = sound;
    this.onOpen = onOpen;
    this.onMessage = onMessage;
    this.onClose = onClose;
  }

  connect(address, hello) {
    this.socket = new WebSocket(address);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => {
      this.say({ type: "start", ...hello });
      this.onOpen();
    };
    this.socket.onmessage = ({ data }) => this.#take(data);
    this.socket.onclose = ({ code }) => this.onClose(code);
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  send(frame) {
    if (this.isOpen) this.socket.send(frame);
  }

  say(message) {
    if (this.isOpen) this.socket.send(JSON.stringify(message));
  }

  close() {
    this.socket?.close();
  }

  #take(data) {
    if (data instanceof ArrayBuffer) return this.sound.play(data);
    const message = JSON.parse(data);
    if (message.type === "flush") return this.sound.flush();
    return this.onMessage(message);
  }
}
