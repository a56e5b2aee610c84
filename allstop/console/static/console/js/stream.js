// One EventSource that comes back by itself. Used by the shared worker for all tabs, or by a tab that has no shared worker.
//
// The browser's own reconnection is not enough: it gives up for good on an answer that is not 200 (a server that is
// starting says 503), and it does not notice a connection that is open but dead. The server sends a `beat` event at least
// every 10 s; after SILENCE without any event the stream counts as lost.
const FIRST_PAUSE = 300; // ms
const LONGEST_PAUSE = 15_000;
const SILENCE = 25_000;
const PATIENCE = 1_500; // a reconnection faster than this is not worth a warning

export class Stream {
  // heard(object) is called for each message; lost(true | false) when the stream goes and when it is back.
  constructor(url, { heard, lost }) {
    this.url = url;
    this.heard = heard;
    this.lost = lost;
    this.pause = FIRST_PAUSE;
    this.isLost = false;
    this.open();
  }

  open() {
    this.source = new EventSource(this.url);
    this.source.onopen = () => this.alive();
    this.source.onmessage = (event) => {
      this.alive();
      this.heard(JSON.parse(event.data));
    };
    this.source.addEventListener("beat", () => this.alive());
    this.source.onerror = () => this.broken();
  }

  alive() {
    this.pause = FIRST_PAUSE;
    clearTimeout(this.warning);
    this.warning = undefined;
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.broken(), SILENCE);
    if (this.isLost) {
      this.isLost = false;
      this.lost(false);
    }
  }

  broken() {
    this.source.close();
    clearTimeout(this.watch);
    clearTimeout(this.retry);
    this.warning ??= setTimeout(() => {
      this.isLost = true;
      this.lost(true);
    }, PATIENCE);
    this.retry = setTimeout(() => this.open(), this.pause * (0.75 + Math.random() / 2));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
  }

  close() {
    this.source.close();
    for (const timer of [this.watch, this.retry, this.warning]) clearTimeout(timer);
  }
}
