var e=[`home-assistant`,`hc-main`].map(e=>customElements.whenDefined(e));Promise.race(e).then(()=>import(
/* @vite-ignore */
`./card.js${new URL(import.meta.url).search}`));