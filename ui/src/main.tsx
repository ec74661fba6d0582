import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './style/tokens.css';
import './style/base.css';
import './style/frame.css';
import './style/parts.css';
import './style/overview.css';
import './style/alerts.css';
import './style/explore.css';
import './style/logs.css';
import './style/pages.css';
import './live/theme';
import { App, isPublic } from './app';
import { guardKeptPage } from './api/kept_page';
import { phase, resume } from './api/session';
import { loadMessages, t } from './text/i18n';

const place = document.getElementById('app')!;
loadMessages().then(
  () => render(<App />, place),
  () => {
    place.textContent = 'Apollo could not be loaded whole. Reload the page.';
  },
);

guardKeptPage(window, () => t('server_unreachable'));

// A one-time link decides by itself who comes in; asking the cookie first would only delay it.
if (location.pathname === '/login' && location.hash.length > 1) phase.value = 'out';
else if (!isPublic(location.pathname)) void resume();
