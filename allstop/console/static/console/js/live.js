// Keeps an open page true: what any person, program or worker changes arrives here within a second.
//
// <body data-events="/events" data-events-key="ACCOUNT"> names the stream. Its messages are JSON objects by topic, for
// example {"lamp": {...}, "figures": {"sent": 12}, "jobs": {"version": 7}}. For each topic
//   - a CustomEvent `live:TOPIC` goes out on the document, with the topic's object as its detail;
//   - [data-live="TOPIC.name"] gets the value as its text (a <progress> gets it as its value);
//   - `lamp` redraws each [data-lamp];
//   - a changed `version` sends the event `refresh` to [data-live-refresh="TOPIC"], whose hx-trigger does the rest.
import { announce } from "./toast.js";
import { Stream } from "./stream.js";

const REFRESH_EVERY = 700; // ms: a job that is sending changes its version with each message
const versions = new Map();
const nextRefresh = new Map();
const waiting = new Set();
const root = document.documentElement;

function write(element, value) {
  if (element instanceof HTMLProgressElement) {
    element.value = value;
    return;
  }
  const text = typeof value === "number" ? value.toLocaleString("en") : String(value);
  if (element.textContent === text) return;
  element.textContent = text;
  element.classList.remove("fresh");
  requestAnimationFrame(() => element.classList.add("fresh"));
}

function fill(topic, content) {
  for (const element of document.querySelectorAll(`[data-live^="${topic}."]`)) {
    const name = element.dataset.live.slice(topic.length + 1);
    if (name in content) write(element, content[name]);
  }
}

function drawLamp({ state, line }) {
  for (const lamp of document.querySelectorAll("[data-lamp]:not([data-lamp-fixed])")) {
    const changed = lamp.dataset.state !== state;
    lamp.dataset.state = state;
    lamp.querySelector("[data-lamp-word]").textContent = state.toUpperCase();
    const second = lamp.querySelector("[data-lamp-line]");
    second.dataset.truth = line;
    if (!root.classList.contains("offline")) second.textContent = line;
    if (changed) {
      announce(`The account is now ${state}. ${line}`);
      setFavicon(state);
      document.dispatchEvent(new CustomEvent("lamp:changed", { detail: { state, line } }));
    }
  }
}

function setFavicon(state) {
  const link = document.querySelector("link[data-favicons]");
  if (link) link.href = JSON.parse(link.dataset.favicons)[state];
}

function refresh(topic) {
  if (document.hidden) {
    waiting.add(topic);
    return;
  }
  const now = performance.now();
  const due = nextRefresh.get(topic) ?? 0;
  if (due > now) {
    if (!waiting.has(topic)) {
      waiting.add(topic);
      setTimeout(flush, due - now);
    }
    return;
  }
  nextRefresh.set(topic, now + REFRESH_EVERY);
  for (const element of document.querySelectorAll(`[data-live-refresh~="${topic}"]`)) element.dispatchEvent(new CustomEvent("refresh"));
}

function flush() {
  const topics = [...waiting];
  waiting.clear();
  for (const topic of topics) refresh(topic);
}

// The version that the page was drawn with stands in data-live-version; a page without one trusts the first message.
function isNews(topic, version) {
  const drawn = document.querySelector(`[data-live-refresh~="${topic}"]`)?.dataset.liveVersion;
  const before = versions.get(topic) ?? drawn;
  versions.set(topic, String(version));
  return before !== undefined && before !== String(version);
}

function heard(message) {
  for (const [topic, content] of Object.entries(message)) {
    if (topic === "lamp") drawLamp(content);
    fill(topic, content);
    if (content.version !== undefined && isNews(topic, content.version)) refresh(topic);
    document.dispatchEvent(new CustomEvent(`live:${topic}`, { detail: content }));
  }
}

function lost(isLost) {
  const was = root.classList.contains("offline");
  root.classList.toggle("offline", isLost);
  if (was === isLost) return;
  const at = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  for (const line of document.querySelectorAll("[data-lamp]:not([data-lamp-fixed]) [data-lamp-line]")) {
    line.dataset.truth ??= line.textContent;
    line.textContent = isLost ? `As of ${at}, not live` : line.dataset.truth;
  }
  announce(isLost ? "The connection to Allstop is lost. This page is not live." : "Connected again.");
  if (!isLost) for (const element of document.querySelectorAll("[data-live-refresh]")) element.dispatchEvent(new CustomEvent("refresh"));
}

function listenAlone(url) {
  let stream = new Stream(url, { heard, lost });
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) stream = new Stream(url, { heard, lost });
  });
}

function listenTogether(url, key) {
  const worker = new SharedWorker(new URL("./live-worker.js", import.meta.url), { type: "module", name: `allstop ${key}` });
  worker.onerror = () => listenAlone(url); // the script could not be fetched or run
  worker.port.onmessage = ({ data }) => ("message" in data ? heard(data.message) : lost(data.lost));
  worker.port.postMessage({ hello: url });
  addEventListener("pagehide", () => worker.port.postMessage({ bye: true }));
  addEventListener("pageshow", (event) => {
    if (event.persisted) worker.port.postMessage({ hello: url });
  });
}

export function start() {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) flush();
  });
  const { events, eventsKey } = document.body.dataset;
  if (!events) return;
  const url = new URL(events, location.href).href;
  if (typeof SharedWorker === "function") listenTogether(url, eventsKey ?? url);
  else listenAlone(url);
}
