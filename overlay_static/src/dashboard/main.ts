import './styles/base.css';
import './styles/parts.css';
import './styles/channel.css';
import './styles/persona.css';
import './styles/landing.css';
import './styles/check.css';
import './styles/obs.css';
import './styles/card.css';
import './styles/guard.css';
import './styles/memory.css';
import './styles/versions.css';
import './styles/rehearsal.css';
import './styles/billing.css';
import { captionSettings } from './captions';
import { channelPage } from './channel';
import { copyButton } from './copy';
import { landingPage } from './landing';
import { personaPage } from './persona';
import { rehearsalPages } from './rehearsal';
import { starterPage } from './starters';

// One script for all pages: each part looks for its own ground and does nothing elsewhere.
channelPage();
captionSettings();
document.querySelectorAll<HTMLElement>('#panic-url').forEach(copyButton);
personaPage();
rehearsalPages();
starterPage();
landingPage();
