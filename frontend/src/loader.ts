// Load the card once Home Assistant's own elements are there: a card that is evaluated earlier is lost.
const ready = ["home-assistant", "hc-main"].map((name) => customElements.whenDefined(name));
void Promise.race(ready).then(() => {
  const url = new URL(import.meta.url);
  return import(/* @vite-ignore */ `./card.js${url.search}`);
});
export {};
