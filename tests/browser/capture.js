// Notes what a page really sends to the loudspeaker, what its mouth shows at that moment, and what came over the wire.
(() => {
  // Keeps everything and passes nothing on: the sound in blocks, with the number of each block's first frame.
  const TAP = `
    registerProcessor('tap', class extends AudioWorkletProcessor {
      block = new Float32Array(2048);
      filled = 0;
      first = 0;

      process([input]) {
        if (this.filled === 0) this.first = currentFrame;
        if (input[0]) this.block.set(input[0], this.filled);
        else this.block.fill(0, this.filled, this.filled + 128);
        this.filled += 128;
        if (this.filled === this.block.length) {
          this.port.postMessage({ frame: this.first, samples: this.block.slice() });
          this.filled = 0;
        }
        return true;
      }
    });
  `;
  const heard = (window.__heard = { rate: 0, sound: [], frames: [], wire: [], said: [] });
  const Worklet = window.AudioWorkletNode;
  const worklet = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, 'audioWorklet');
  const connect = AudioNode.prototype.connect;

  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && heard.rate === 0) {
      heard.rate = target.context.sampleRate;
      void tap(this, target.context);
      watch(target.context);
    }
    return connect.call(this, target, ...rest);
  };

  // On the audio thread, where a busy page cannot make it miss anything.
  async function tap(source, context) {
    await worklet.get.call(context).addModule(URL.createObjectURL(new Blob([TAP], { type: 'text/javascript' })));
    const node = new Worklet(context, 'tap', { outputChannelCount: [1] });
    node.port.onmessage = ({ data }) => heard.sound.push(data);
    connect.call(source, node);
    connect.call(node, context.destination);
  }

  // One entry for each animation frame, noted when the page has drawn it.
  function watch(context) {
    const look = () => {
      const { mouth, state, flash } = document.documentElement.dataset;
      heard.frames.push([performance.now(), context.currentTime, context.outputLatency || context.baseLatency || 0, mouth, state, flash !== undefined]);
      // Asked for after the page has asked for its own next frame, so that it runs after the page's.
      setTimeout(() => requestAnimationFrame(look), 0);
    };
    requestAnimationFrame(look);
  }

  window.WebSocket = class extends window.WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') return void heard.wire.push([performance.now(), data]);
        const [fence, utt, seq, offset] = new Uint32Array(data.slice(0, 16));
        heard.wire.push([performance.now(), { fence, utt, seq, offset, samples: (data.byteLength - 16) / 2 }]);
      });
    }

    send(data) {
      heard.said.push([performance.now(), data]);
      super.send(data);
    }
  };

  // Everything noted since the last call; the sound as [first frame, base64 of s16le].
  window.__take = () => {
    const { rate, sound, frames, wire, said } = heard;
    Object.assign(heard, { sound: [], frames: [], wire: [], said: [] });
    const packed = sound.map(({ frame, samples }) => {
      const pcm = new Uint8Array(Int16Array.from(samples, (value) => Math.round(Math.max(-1, Math.min(1, value)) * 32767)).buffer);
      return [frame, btoa(String.fromCharCode(...pcm))];
    });
    return { rate, sound: packed, frames, wire, said };
  };
})();
