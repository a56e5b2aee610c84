// A shared worker: one stream for all tabs of this browser. HTTP/1.1 allows six connections to a host, and each tab with a
// stream of its own would take one of them.
//
// From a tab: {hello: url}, {bye: true}. To a tab: {message: object} and {lost: boolean}.
import { Stream } from "./stream.js";

const tabs = new Set();
let stream;
let known = {}; // the latest of each topic, for a tab that comes later
let isLost = false;

const tell = (note) => {
  for (const tab of tabs) tab.postMessage(note);
};

function start(url) {
  stream = new Stream(url, {
    heard(message) {
      known = { ...known, ...message };
      tell({ message });
    },
    lost(now) {
      isLost = now;
      tell({ lost: now });
    },
  });
}

function leave(tab) {
  tabs.delete(tab);
  if (tabs.size) return;
  stream?.close();
  stream = undefined;
  known = {};
  isLost = false;
}

self.onconnect = ({ ports: [tab] }) => {
  tab.onmessage = ({ data }) => {
    if (data.bye) return leave(tab);
    tabs.add(tab);
    if (!stream) start(data.hello);
    else {
      tab.postMessage({ message: known });
      tab.postMessage({ lost: isLost });
    }
  };
};
