import './overlay.css';
import { AvatarHost } from '../avatars/host';
import { Calibration } from './calibration';
import { captionStyle } from './caption_style';
import { AiBadge } from './badge';
import { Captions } from './captions';
import { opusHere, type OpenDecoding } from './decoding';
import { engine, obsVersion, onVisibility, programVersion } from './obs';
import { Pace } from './pace';
import { onPreviewChange } from './preview';
import type { Config, ServerMessage } from './protocol';
import { Reloader } from './reload';
import { renderer } from './renderer';
import { Show } from './show';
import { Socket } from './socket';
import { SoundButton } from './sound_button';
import { Speech } from './speech';
import { Voice } from './voice';

const STATS_MS = 10_000;
/** After this time a page that has just come knows its own frame rate. */
const SETTLED_MS = 2_500;
/** Between frames of a hidden page. */
const HIDDEN_TICK_MS = 250;

const root = document.documentElement;
const { publicId = '', build = '', soundLabel = '' } = root.dataset;
const preview = root.dataset.preview === '1';
/** Play-only power over one channel: it goes into `hello` and nowhere else. */
const key = (): string => new URLSearchParams(location.hash.slice(1)).get('k') ?? '';
const scheme = location.protocol === 'https:' ? 'wss' : 'ws';

/** A preview stands in a browser anyway, and nobody asks what draws it. */
const drawnBy = preview ? '' : renderer();

const stage = document.createElement('div');
stage.className = 'stage';
document.body.append(stage);

let owner = false;
/** Null where the sound comes as PCM. */
let openOpus: OpenDecoding | null = null;
/** How the server calls this page's last connection. */
let connection = '';
const captions = new Captions(document.body);
const badge = new AiBadge(document.body);
const soundButton = new SoundButton(document.body, soundLabel, () => voice.wake());
const avatar = new AvatarHost(stage);
const pace = new Pace();

const speech = new Speech(
  () => voice.lane(),
  () => pace.cushion,
  (run, ms) => void window.setTimeout(run, ms),
  {
    ack: (event, { utt, turn }, positionMs) => {
      if (owner) socket.send({ t: 'ack', event, utt, turn, position_ms: Math.round(positionMs) });
    },
    missing: (utt, seq) => socket.send({ t: 'missing', utt, seq }),
    undecodable: () => {
      if (!openOpus) return;
      // What it has not heard yet comes again as PCM.
      openOpus = null;
      socket.again();
    },
    changed: () => show.update(performance.now()),
  },
  () => openOpus,
);
const voice = new Voice({
  happened: (lane, events) => {
    speech.happened(lane, events);
    test.happened(events);
  },
  died: (lane) => {
    test.stop();
    speech.abandon(lane);
  },
  changed: soundChanged,
});
const test = new Calibration(() => voice.lane());
const show = new Show(speech, avatar, captions, root, pace, test);
const reloader = new Reloader(build, () => show.idle);
const socket = new Socket(`${scheme}://${location.host}/ws/overlay/${publicId}/`, {
  hello: () => ({
    t: 'hello',
    key: key(),
    preview,
    obs: obsVersion(),
    program: programVersion(),
    build,
    engine: engine(),
    renderer: drawnBy,
    enc: openOpus ? ['opus', 'pcm_s16le'] : ['pcm_s16le'],
    have: speech.had,
    was: connection,
  }),
  message,
  frame: (frame) => speech.frame(frame),
  lost: () => show.setConnected(false),
});

function message(message: ServerMessage): void {
  // Silence is obeyed whoever asks for it; everything else only from the newest run.
  const hush = (message.t === 'interrupt' && message.utt === null) || (message.t === 'state' && message.name === 'muted');
  if (message.t === 'welcome') {
    speech.reconnected();
    speech.admits(Math.max(message.fence ?? 0, speech.newest));
  } else if (!speech.admits(message.fence) && !hush) return;
  switch (message.t) {
    case 'welcome':
      connection = message.connection;
      configure(message.config);
      stage.style.visibility = '';
      show.setConnected(true);
      if (message.config.build) reloader.want(message.config.build);
      // The panic may have come while this page was away.
      if (message.config.state === 'muted') silence();
      sendStats();
      window.setTimeout(sendStats, SETTLED_MS);
      speech.report();
      break;
    case 'config':
      configure(message.config);
      break;
    case 'audio_owner':
      setOwner(message.audio);
      break;
    case 'state':
      show.setState(message.name);
      break;
    case 'interrupt':
      silence(message.utt);
      break;
    case 'bye':
      silence();
      // Whoever may not show her shows nothing, not even asleep.
      stage.style.visibility = 'hidden';
      badge.set({ place: 'off', text: '' });
      break;
    case 'calibrate':
      if (!speech.busy) test.play(message.count, message.everyMs);
      break;
    default:
      // What she has to say goes before a test.
      if (message.t === 'speech.begin') test.stop();
      speech.take(message);
  }
}

function silence(utt: number | null = null): void {
  speech.interrupt(utt);
  test.stop();
  show.hush();
}

function configure(config: Config): void {
  if (config.audio !== undefined) setOwner(config.audio);
  if (config.name !== undefined) document.title = config.name;
  if (config.avatar) show.setLook(config.avatar);
  if (config.captions) captions.setStyle(captionStyle(config.captions));
  if (config.badge) badge.set(config.badge);
  if (config.mouthOffsetMs !== undefined) show.mouthOffsetMs = config.mouthOffsetMs;
  if (config.state) show.setState(config.state);
  if (config.mood) {
    show.restMood = config.mood;
    if (!speech.busy) show.setMood(config.mood, 300);
  }
}

function setOwner(audio: boolean): void {
  const takesOver = audio && !owner;
  owner = audio;
  speech.follows = !audio;
  voice.setOwner(audio);
  // Only the owner's word counts, and the sound may stand still until somebody gives it.
  if (takesOver) speech.report();
  soundChanged();
}

let wasAudible: boolean | null = null;
function soundChanged(): void {
  soundButton.show(owner && !voice.audible && !window.obsstudio);
  if (wasAudible !== voice.audible) sendStats();
  if (voice.audible && wasAudible === false) speech.becameAudible();
  wasAudible = voice.audible;
}

function sendStats(): void {
  socket.send({
    t: 'stats',
    fps: Math.round(pace.fps * 10) / 10,
    mouth_lag_ms: Math.round(show.shown.mouthLagMs * 10) / 10,
    audible: voice.audible,
    sample_rate: voice.sampleRate,
    worklet: voice.worklet,
    width: window.innerWidth,
    height: window.innerHeight,
    ...speech.counts,
  });
}

function frame(now: number): void {
  show.frame(now);
  requestAnimationFrame(frame);
}

if (preview) {
  onPreviewChange((change) => {
    if (change.mood) show.setMood(change.mood, 300);
    if (change.avatar) show.setLook(change.avatar);
    if (change.mouth) avatar.setMouth(change.mouth.viseme, change.mouth.weight);
    if (change.gesture) avatar.gesture(change.gesture);
    if (change.name !== undefined) document.title = change.name;
    if (change.captions) captions.setStyle(change.captions);
    if (change.caption) show.sample(change.caption);
    show.wakeForPreview();
  });
}

onVisibility((visible, active) => socket.send({ t: 'visibility', visible, active }));
for (const gesture of ['pointerdown', 'keydown'] as const) window.addEventListener(gesture, () => voice.wake());
// A new personal URL differs only in its fragment, so that no browser would load the page again for it.
window.addEventListener('hashchange', () => socket.again());
window.addEventListener('resize', () => {
  avatar.resize();
  captions.resize();
});
window.setInterval(() => {
  voice.wake();
  socket.checkLiving();
  sendStats();
}, STATS_MS);
window.setInterval(() => {
  if (document.hidden) show.update(performance.now());
}, HIDDEN_TICK_MS);

declare global {
  interface Window {
    aigirl: { stats(): Record<string, number | null> };
  }
}
window.aigirl = {
  stats: () => ({
    utterance: show.shown.utterance,
    position_ms: show.shown.positionMs,
    ...speech.counts,
    fps: pace.fps,
    mouth_lag_ms: show.shown.mouthLagMs,
  }),
};

requestAnimationFrame(frame);
const decoderReady = opusHere().then((open) => (openOpus = open));
void Promise.all([voice.open(), decoderReady]).then(() => socket.connect());
