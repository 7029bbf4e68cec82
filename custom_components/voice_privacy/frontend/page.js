var e=globalThis,t=e.ShadowRoot&&(e.ShadyCSS===void 0||e.ShadyCSS.nativeShadow)&&`adoptedStyleSheets`in Document.prototype&&`replace`in CSSStyleSheet.prototype,n=Symbol(),r=/* @__PURE__ */ new WeakMap,i=class{constructor(e,t,r){if(this._$cssResult$=!0,r!==n)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=e,this.t=t}get styleSheet(){let e=this.o,n=this.t;if(t&&e===void 0){let t=n!==void 0&&n.length===1;t&&(e=r.get(n)),e===void 0&&((this.o=e=new CSSStyleSheet).replaceSync(this.cssText),t&&r.set(n,e))}return e}toString(){return this.cssText}},a=e=>new i(typeof e==`string`?e:e+``,void 0,n),o=(e,...t)=>new i(e.length===1?e[0]:t.reduce((t,n,r)=>t+(e=>{if(!0===e._$cssResult$)return e.cssText;if(typeof e==`number`)return e;throw Error(`Value passed to 'css' function must be a 'css' function result: `+e+`. Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.`)})(n)+e[r+1],e[0]),e,n),s=(n,r)=>{if(t)n.adoptedStyleSheets=r.map(e=>e instanceof CSSStyleSheet?e:e.styleSheet);else for(let t of r){let r=document.createElement(`style`),i=e.litNonce;i!==void 0&&r.setAttribute(`nonce`,i),r.textContent=t.cssText,n.appendChild(r)}},c=t?e=>e:e=>e instanceof CSSStyleSheet?(e=>{let t=``;for(let n of e.cssRules)t+=n.cssText;return a(t)})(e):e,{is:l,defineProperty:u,getOwnPropertyDescriptor:d,getOwnPropertyNames:f,getOwnPropertySymbols:p,getPrototypeOf:m}=Object,ee=globalThis,te=ee.trustedTypes,ne=te?te.emptyScript:``,re=ee.reactiveElementPolyfillSupport,h=(e,t)=>e,ie={toAttribute(e,t){switch(t){case Boolean:e=e?ne:null;break;case Object:case Array:e=e==null?e:JSON.stringify(e)}return e},fromAttribute(e,t){let n=e;switch(t){case Boolean:n=e!==null;break;case Number:n=e===null?null:Number(e);break;case Object:case Array:try{n=JSON.parse(e)}catch{n=null}}return n}},ae=(e,t)=>!l(e,t),oe={attribute:!0,type:String,converter:ie,reflect:!1,useDefault:!1,hasChanged:ae};Symbol.metadata??=Symbol(`metadata`),ee.litPropertyMetadata??=/* @__PURE__ */ new WeakMap;var g=class extends HTMLElement{static addInitializer(e){this._$Ei(),(this.l??=[]).push(e)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(e,t=oe){if(t.state&&(t.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(e)&&((t=Object.create(t)).wrapped=!0),this.elementProperties.set(e,t),!t.noAccessor){let n=Symbol(),r=this.getPropertyDescriptor(e,n,t);r!==void 0&&u(this.prototype,e,r)}}static getPropertyDescriptor(e,t,n){let{get:r,set:i}=d(this.prototype,e)??{get(){return this[t]},set(e){this[t]=e}};return{get:r,set(t){let a=r?.call(this);i?.call(this,t),this.requestUpdate(e,a,n)},configurable:!0,enumerable:!0}}static getPropertyOptions(e){return this.elementProperties.get(e)??oe}static _$Ei(){if(this.hasOwnProperty(h(`elementProperties`)))return;let e=m(this);e.finalize(),e.l!==void 0&&(this.l=[...e.l]),this.elementProperties=new Map(e.elementProperties)}static finalize(){if(this.hasOwnProperty(h(`finalized`)))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(h(`properties`))){let e=this.properties,t=[...f(e),...p(e)];for(let n of t)this.createProperty(n,e[n])}let e=this[Symbol.metadata];if(e!==null){let t=litPropertyMetadata.get(e);if(t!==void 0)for(let[e,n]of t)this.elementProperties.set(e,n)}this._$Eh=/* @__PURE__ */ new Map;for(let[e,t]of this.elementProperties){let n=this._$Eu(e,t);n!==void 0&&this._$Eh.set(n,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(e){let t=[];if(Array.isArray(e)){let n=new Set(e.flat(1/0).reverse());for(let e of n)t.unshift(c(e))}else e!==void 0&&t.push(c(e));return t}static _$Eu(e,t){let n=t.attribute;return!1===n?void 0:typeof n==`string`?n:typeof e==`string`?e.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(e=>this.enableUpdating=e),this._$AL=/* @__PURE__ */ new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(e=>e(this))}addController(e){(this._$EO??=/* @__PURE__ */ new Set).add(e),this.renderRoot!==void 0&&this.isConnected&&e.hostConnected?.()}removeController(e){this._$EO?.delete(e)}_$E_(){let e=/* @__PURE__ */ new Map,t=this.constructor.elementProperties;for(let n of t.keys())this.hasOwnProperty(n)&&(e.set(n,this[n]),delete this[n]);e.size>0&&(this._$Ep=e)}createRenderRoot(){let e=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return s(e,this.constructor.elementStyles),e}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(e=>e.hostConnected?.())}enableUpdating(e){}disconnectedCallback(){this._$EO?.forEach(e=>e.hostDisconnected?.())}attributeChangedCallback(e,t,n){this._$AK(e,n)}_$ET(e,t){let n=this.constructor.elementProperties.get(e),r=this.constructor._$Eu(e,n);if(r!==void 0&&!0===n.reflect){let i=(n.converter?.toAttribute===void 0?ie:n.converter).toAttribute(t,n.type);this._$Em=e,i==null?this.removeAttribute(r):this.setAttribute(r,i),this._$Em=null}}_$AK(e,t){let n=this.constructor,r=n._$Eh.get(e);if(r!==void 0&&this._$Em!==r){let e=n.getPropertyOptions(r),i=typeof e.converter==`function`?{fromAttribute:e.converter}:e.converter?.fromAttribute===void 0?ie:e.converter;this._$Em=r;let a=i.fromAttribute(t,e.type);this[r]=a??this._$Ej?.get(r)??a,this._$Em=null}}requestUpdate(e,t,n,r=!1,i){if(e!==void 0){let a=this.constructor;if(!1===r&&(i=this[e]),n??=a.getPropertyOptions(e),!((n.hasChanged??ae)(i,t)||n.useDefault&&n.reflect&&i===this._$Ej?.get(e)&&!this.hasAttribute(a._$Eu(e,n))))return;this.C(e,t,n)}!1===this.isUpdatePending&&(this._$ES=this._$EP())}C(e,t,{useDefault:n,reflect:r,wrapped:i},a){n&&!(this._$Ej??=/* @__PURE__ */ new Map).has(e)&&(this._$Ej.set(e,a??t??this[e]),!0!==i||a!==void 0)||(this._$AL.has(e)||(this.hasUpdated||n||(t=void 0),this._$AL.set(e,t)),!0===r&&this._$Em!==e&&(this._$Eq??=/* @__PURE__ */ new Set).add(e))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}let e=this.scheduleUpdate();return e!=null&&await e,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[e,t]of this._$Ep)this[e]=t;this._$Ep=void 0}let e=this.constructor.elementProperties;if(e.size>0)for(let[t,n]of e){let{wrapped:e}=n,r=this[t];!0!==e||this._$AL.has(t)||r===void 0||this.C(t,void 0,n,r)}}let e=!1,t=this._$AL;try{e=this.shouldUpdate(t),e?(this.willUpdate(t),this._$EO?.forEach(e=>e.hostUpdate?.()),this.update(t)):this._$EM()}catch(t){throw e=!1,this._$EM(),t}e&&this._$AE(t)}willUpdate(e){}_$AE(e){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(e)),this.updated(e)}_$EM(){this._$AL=/* @__PURE__ */ new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(e){return!0}update(e){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(e){}firstUpdated(e){}};g.elementStyles=[],g.shadowRootOptions={mode:`open`},g[h(`elementProperties`)]=/* @__PURE__ */ new Map,g[h(`finalized`)]=/* @__PURE__ */ new Map,re?.({ReactiveElement:g}),(ee.reactiveElementVersions??=[]).push(`2.1.2`);var se=globalThis,ce=e=>e,le=se.trustedTypes,ue=le?le.createPolicy(`lit-html`,{createHTML:e=>e}):void 0,de=`$lit$`,_=`lit$${Math.random().toFixed(9).slice(2)}$`,fe=`?`+_,pe=`<${fe}>`,v=document,y=()=>v.createComment(``),me=e=>e===null||typeof e!=`object`&&typeof e!=`function`,he=Array.isArray,ge=e=>he(e)||typeof e?.[Symbol.iterator]==`function`,_e=`[ 	
\f\r]`,ve=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,ye=/-->/g,be=/>/g,b=RegExp(`>|${_e}(?:([^\\s"'>=/]+)(${_e}*=${_e}*(?:[^ \t\n\f\r"'\`<>=]|("|')|))|$)`,`g`),xe=/'/g,Se=/"/g,Ce=/^(?:script|style|textarea|title)$/i,we=e=>(t,...n)=>({_$litType$:e,strings:t,values:n}),x=we(1),Te=we(2),S=Symbol.for(`lit-noChange`),C=Symbol.for(`lit-nothing`),Ee=/* @__PURE__ */ new WeakMap,w=v.createTreeWalker(v,129);function De(e,t){if(!he(e)||!e.hasOwnProperty(`raw`))throw Error(`invalid template strings array`);return ue===void 0?t:ue.createHTML(t)}var Oe=(e,t)=>{let n=e.length-1,r=[],i,a=t===2?`<svg>`:t===3?`<math>`:``,o=ve;for(let t=0;t<n;t++){let n=e[t],s,c,l=-1,u=0;for(;u<n.length&&(o.lastIndex=u,c=o.exec(n),c!==null);)u=o.lastIndex,o===ve?c[1]===`!--`?o=ye:c[1]===void 0?c[2]===void 0?c[3]!==void 0&&(o=b):(Ce.test(c[2])&&(i=RegExp(`</`+c[2],`g`)),o=b):o=be:o===b?c[0]===`>`?(o=i??ve,l=-1):c[1]===void 0?l=-2:(l=o.lastIndex-c[2].length,s=c[1],o=c[3]===void 0?b:c[3]===`"`?Se:xe):o===Se||o===xe?o=b:o===ye||o===be?o=ve:(o=b,i=void 0);let d=o===b&&e[t+1].startsWith(`/>`)?` `:``;a+=o===ve?n+pe:l>=0?(r.push(s),n.slice(0,l)+de+n.slice(l)+_+d):n+_+(l===-2?t:d)}return[De(e,a+(e[n]||`<?>`)+(t===2?`</svg>`:t===3?`</math>`:``)),r]},ke=class e{constructor({strings:t,_$litType$:n},r){let i;this.parts=[];let a=0,o=0,s=t.length-1,c=this.parts,[l,u]=Oe(t,n);if(this.el=e.createElement(l,r),w.currentNode=this.el.content,n===2||n===3){let e=this.el.content.firstChild;e.replaceWith(...e.childNodes)}for(;(i=w.nextNode())!==null&&c.length<s;){if(i.nodeType===1){if(i.hasAttributes())for(let e of i.getAttributeNames())if(e.endsWith(de)){let t=u[o++],n=i.getAttribute(e).split(_),r=/([.?@])?(.*)/.exec(t);c.push({type:1,index:a,name:r[2],strings:n,ctor:r[1]===`.`?Ne:r[1]===`?`?Pe:r[1]===`@`?Fe:Me}),i.removeAttribute(e)}else e.startsWith(_)&&(c.push({type:6,index:a}),i.removeAttribute(e));if(Ce.test(i.tagName)){let e=i.textContent.split(_),t=e.length-1;if(t>0){i.textContent=le?le.emptyScript:``;for(let n=0;n<t;n++)i.append(e[n],y()),w.nextNode(),c.push({type:2,index:++a});i.append(e[t],y())}}}else if(i.nodeType===8){if(i.data===fe)c.push({type:2,index:a});else{let e=-1;for(;(e=i.data.indexOf(_,e+1))!==-1;)c.push({type:7,index:a}),e+=_.length-1}}a++}}static createElement(e,t){let n=v.createElement(`template`);return n.innerHTML=e,n}};function T(e,t,n=e,r){if(t===S)return t;let i=r===void 0?n._$Cl:n._$Co?.[r],a=me(t)?void 0:t._$litDirective$;return i?.constructor!==a&&(i?._$AO?.(!1),a===void 0?i=void 0:(i=new a(e),i._$AT(e,n,r)),r===void 0?n._$Cl=i:(n._$Co??=[])[r]=i),i!==void 0&&(t=T(e,i._$AS(e,t.values),i,r)),t}var Ae=class{constructor(e,t){this._$AV=[],this._$AN=void 0,this._$AD=e,this._$AM=t}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(e){let{el:{content:t},parts:n}=this._$AD,r=(e?.creationScope??v).importNode(t,!0);w.currentNode=r;let i=w.nextNode(),a=0,o=0,s=n[0];for(;s!==void 0;){if(a===s.index){let t;s.type===2?t=new je(i,i.nextSibling,this,e):s.type===1?t=new s.ctor(i,s.name,s.strings,this,e):s.type===6&&(t=new Ie(i,this,e)),this._$AV.push(t),s=n[++o]}a!==s?.index&&(i=w.nextNode(),a++)}return w.currentNode=v,r}p(e){let t=0;for(let n of this._$AV)n!==void 0&&(n.strings===void 0?n._$AI(e[t]):(n._$AI(e,n,t),t+=n.strings.length-2)),t++}},je=class e{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(e,t,n,r){this.type=2,this._$AH=C,this._$AN=void 0,this._$AA=e,this._$AB=t,this._$AM=n,this.options=r,this._$Cv=r?.isConnected??!0}get parentNode(){let e=this._$AA.parentNode,t=this._$AM;return t!==void 0&&e?.nodeType===11&&(e=t.parentNode),e}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(e,t=this){e=T(this,e,t),me(e)?e===C||e==null||e===``?(this._$AH!==C&&this._$AR(),this._$AH=C):e!==this._$AH&&e!==S&&this._(e):e._$litType$===void 0?e.nodeType===void 0?ge(e)?this.k(e):this._(e):this.T(e):this.$(e)}O(e){return this._$AA.parentNode.insertBefore(e,this._$AB)}T(e){this._$AH!==e&&(this._$AR(),this._$AH=this.O(e))}_(e){this._$AH!==C&&me(this._$AH)?this._$AA.nextSibling.data=e:this.T(v.createTextNode(e)),this._$AH=e}$(e){let{values:t,_$litType$:n}=e,r=typeof n==`number`?this._$AC(e):(n.el===void 0&&(n.el=ke.createElement(De(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===r)this._$AH.p(t);else{let e=new Ae(r,this),n=e.u(this.options);e.p(t),this.T(n),this._$AH=e}}_$AC(e){let t=Ee.get(e.strings);return t===void 0&&Ee.set(e.strings,t=new ke(e)),t}k(t){he(this._$AH)||(this._$AH=[],this._$AR());let n=this._$AH,r,i=0;for(let a of t)i===n.length?n.push(r=new e(this.O(y()),this.O(y()),this,this.options)):r=n[i],r._$AI(a),i++;i<n.length&&(this._$AR(r&&r._$AB.nextSibling,i),n.length=i)}_$AR(e=this._$AA.nextSibling,t){for(this._$AP?.(!1,!0,t);e!==this._$AB;){let t=ce(e).nextSibling;ce(e).remove(),e=t}}setConnected(e){this._$AM===void 0&&(this._$Cv=e,this._$AP?.(e))}},Me=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(e,t,n,r,i){this.type=1,this._$AH=C,this._$AN=void 0,this.element=e,this.name=t,this._$AM=r,this.options=i,n.length>2||n[0]!==``||n[1]!==``?(this._$AH=Array(n.length-1).fill(/* @__PURE__ */ new String),this.strings=n):this._$AH=C}_$AI(e,t=this,n,r){let i=this.strings,a=!1;if(i===void 0)e=T(this,e,t,0),a=!me(e)||e!==this._$AH&&e!==S,a&&(this._$AH=e);else{let r=e,o,s;for(e=i[0],o=0;o<i.length-1;o++)s=T(this,r[n+o],t,o),s===S&&(s=this._$AH[o]),a||=!me(s)||s!==this._$AH[o],s===C?e=C:e!==C&&(e+=(s??``)+i[o+1]),this._$AH[o]=s}a&&!r&&this.j(e)}j(e){e===C?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,e??``)}},Ne=class extends Me{constructor(){super(...arguments),this.type=3}j(e){this.element[this.name]=e===C?void 0:e}},Pe=class extends Me{constructor(){super(...arguments),this.type=4}j(e){this.element.toggleAttribute(this.name,!!e&&e!==C)}},Fe=class extends Me{constructor(e,t,n,r,i){super(e,t,n,r,i),this.type=5}_$AI(e,t=this){if((e=T(this,e,t,0)??C)===S)return;let n=this._$AH,r=e===C&&n!==C||e.capture!==n.capture||e.once!==n.once||e.passive!==n.passive,i=e!==C&&(n===C||r);r&&this.element.removeEventListener(this.name,this,n),i&&this.element.addEventListener(this.name,this,e),this._$AH=e}handleEvent(e){typeof this._$AH==`function`?this._$AH.call(this.options?.host??this.element,e):this._$AH.handleEvent(e)}},Ie=class{constructor(e,t,n){this.element=e,this.type=6,this._$AN=void 0,this._$AM=t,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(e){T(this,e)}},Le={M:de,P:_,A:fe,C:1,L:Oe,R:Ae,D:ge,V:T,I:je,H:Me,N:Pe,U:Fe,B:Ne,F:Ie},Re=se.litHtmlPolyfillSupport;Re?.(ke,je),(se.litHtmlVersions??=[]).push(`3.3.3`);var ze=(e,t,n)=>{let r=n?.renderBefore??t,i=r._$litPart$;if(i===void 0){let e=n?.renderBefore??null;r._$litPart$=i=new je(t.insertBefore(y(),e),e,void 0,n??{})}return i._$AI(e),i},Be=globalThis,E=class extends g{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let e=super.createRenderRoot();return this.renderOptions.renderBefore??=e.firstChild,e}update(e){let t=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(e),this._$Do=ze(t,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return S}};E._$litElement$=!0,E.finalized=!0,Be.litElementHydrateSupport?.({LitElement:E});var Ve=Be.litElementPolyfillSupport;Ve?.({LitElement:E}),(Be.litElementVersions??=[]).push(`4.2.2`);var He={attribute:!0,type:String,converter:ie,reflect:!1,hasChanged:ae},Ue=(e=He,t,n)=>{let{kind:r,metadata:i}=n,a=globalThis.litPropertyMetadata.get(i);if(a===void 0&&globalThis.litPropertyMetadata.set(i,a=/* @__PURE__ */ new Map),r===`setter`&&((e=Object.create(e)).wrapped=!0),a.set(n.name,e),r===`accessor`){let{name:r}=n;return{set(n){let i=t.get.call(this);t.set.call(this,n),this.requestUpdate(r,i,e,!0,n)},init(t){return t!==void 0&&this.C(r,void 0,e,t),t}}}if(r===`setter`){let{name:r}=n;return function(n){let i=this[r];t.call(this,n),this.requestUpdate(r,i,e,!0,n)}}throw Error(`Unsupported decorator location: `+r)};function D(e){return(t,n)=>typeof n==`object`?Ue(e,t,n):((e,t,n)=>{let r=t.hasOwnProperty(n);return t.constructor.createProperty(n,e),r?Object.getOwnPropertyDescriptor(t,n):void 0})(e,t,n)}function O(e){return D({...e,state:!0,attribute:!1})}var We=[`as_others`,`minute`,`hour`,`day`,`week`],Ge=[`day`,`week`,`month`,`three_months`,`eighteen_months`,`until_deleted`],Ke=[`as_others`,`day`,`week`,`month`,`three_months`,`eighteen_months`,`until_deleted`],qe=[`as_others`,`hour`,`day`,`week`,`month`,`three_months`],k=`voice_privacy`,Je=.95,Ye=.1,Xe=[`changed`,`deleted`,`exported`,`listed`,`listened`,`microphone_opened`,`reviewed`,`taken_out`,`wake_word_tested`],Ze=[`cut_off`,`false_wake`,`meant_for_us`,`wrong_transcript`],Qe=[`command`,`false_wake`,`near_miss`],$e=[`used_by_wyoming`,`used_elsewhere`],et=[`engine_unavailable`,`no_engine`,`no_model`],tt=2e3,A=class extends Error{constructor(e,t={}){super(e),this.code=e,this.placeholders=t}};function j(e){if(e instanceof A)return e;let t=e;return new A(typeof t?.code==`string`?t.code:`failed`,t?.translation_placeholders??{})}var nt=class{constructor(e){this.hass=e,this.status=`connecting`,this.listeners=/* @__PURE__ */ new Set,this.closed=!0}update(e){let t=this.hass.connected;if(this.hass=e,t!==e.connected&&!this.closed&&(e.connected?this.state&&this.setStatus(`ready`):this.setStatus(`offline`),e.connected))for(let e of this.listeners)e.recordingsReset?.()}listen(e){return this.listeners.add(e),()=>this.listeners.delete(e)}open(){this.closed&&(this.closed=!1,this.subscribe())}close(){this.closed=!0,clearTimeout(this.retry),this.unsubscribe?.().catch(()=>void 0),this.unsubscribe=void 0}async call(e,t={}){try{return await this.hass.callWS({type:`${k}/${e}`,...t})}catch(e){throw j(e)}}async follow(e,t,n,r={}){try{let i={type:`${k}/${e}`,...t},a=await this.hass.connection.subscribeMessage(n,i,r);return()=>void a().catch(()=>void 0)}catch(e){throw j(e)}}async fetch(e){let t=await this.hass.fetchWithAuth(`/api/${k}/${e}`,{cache:`no-store`});if(t.ok)return t;throw new A({403:`unauthorized`,404:`recording_not_found`}[t.status]??`store_not_ready`)}async send(e,t){let n;try{n=await this.hass.fetchWithAuth(`/api/${k}/${e}`,{method:`POST`,body:t})}catch{throw new A(`failed`)}let r=await n.json().catch(()=>null);if(n.ok)return r;let{code:i,placeholders:a}=r??{};throw typeof i==`string`?new A(i,a??{}):new A({403:`unauthorized`,413:`wake_model_too_large`}[n.status]??`failed`)}async exceptions(e){return await this.words(`exceptions`,e)}async words(e,t){let{resources:n}=await this.hass.callWS({type:`frontend/get_translations`,language:t,category:e,integration:[k]});return n}nameOf(e){return this.state?.satellites.find(t=>t.id===e)?.name}async subscribe(){try{let e=await this.hass.connection.subscribeMessage(e=>this.receive(e),{type:`${k}/subscribe`});this.closed?e().catch(()=>void 0):this.unsubscribe=e}catch(e){let t=j(e).code;this.setStatus(t===`not_loaded`||t===`unknown_command`?`not_loaded`:`failed`),this.again()}}again(){this.closed||(this.retry=setTimeout(()=>void this.subscribe(),tt))}receive(e){if(!this.closed)switch(e.type){case`state`:{let t=this.status!==`ready`&&this.state!==void 0;if(this.state=e,this.setStatus(`ready`),t)for(let e of this.listeners)e.recordingsReset?.();break}case`added`:for(let t of this.listeners)t.recordingsAdded?.(e.recordings);break;case`deleted`:for(let t of this.listeners)t.recordingsDeleted?.(e.recording_ids);break;case`reset`:for(let e of this.listeners)e.recordingsReset?.();break;case`ended`:this.unsubscribe?.().catch(()=>void 0),this.unsubscribe=void 0,this.setStatus(`not_loaded`),this.again()}}setStatus(e){this.status=e;for(let e of this.listeners)e.stateChanged?.()}};function rt(e,t){switch(t.type){case`destroying`:return{...e,total:t.total};case`receipt`:return{...e,receipt:t.receipt,left:t.receipt.pending};case`removing`:return{...e,left:Math.min(e.left??t.left,t.left)};case`counted`:return{...e,left:0,rows:t.rows};case`failed`:return{...e,failed:t.code}}}var it=8e3,at=250,ot=class{constructor(e,t){this.host=e,this.undone=t,this.lines=[],this.timers=/* @__PURE__ */ new Map,e.addController(this)}hostDisconnected(){for(let e of this.lines)e.end?.();for(let e of this.timers.values())clearTimeout(e);this.timers.clear(),clearInterval(this.ticking),this.ticking=void 0,this.lines=[]}lost(){for(let e of this.lines)e.stage!==`done`&&this.dismiss(e)}async begin(e,t){let n={id:e,quote:t,stage:`waiting`,until:1/0,progress:{}};n.end=await this.host.connection.follow(`recordings/delete_later`,{recording_id:e},e=>this.told(n,e),{resubscribe:!1}),this.lines=[...this.lines,n],this.ticking??=setInterval(()=>this.tick(),at),this.host.requestUpdate()}undoLast(){let e=this.lines.findLast(({stage:e})=>e===`waiting`);return e&&this.undo(e),e!==void 0}async undo(e){try{await this.host.connection.call(`recordings/undo`,{recording_id:e.id})}catch(t){e.stage===`waiting`&&(e.stage=`deleting`);let n=j(t);n.code!==`recording_not_found`&&this.failed(e,n),this.host.requestUpdate()}}dismiss(e){e.end?.(),clearTimeout(this.timers.get(e)),this.timers.delete(e),this.lines=this.lines.filter(t=>t!==e),this.lines.length||(clearInterval(this.ticking),this.ticking=void 0),this.host.requestUpdate()}secondsLeft(e){return Math.max(0,Math.ceil((e.until-Date.now())/1e3))}told(e,t){switch(t.type){case`hidden`:e.until=Date.now()+t.seconds*1e3;break;case`undone`:this.dismiss(e),this.undone();break;case`failed`:this.failed(e,new A(t.code));break;case`receipt`:e.stage=`done`,e.finished=/* @__PURE__ */ new Date,e.progress=rt(e.progress,t),this.linger(e);break;case`destroying`:case`removing`:case`counted`:e.progress=rt(e.progress,t)}this.host.requestUpdate()}failed(e,t){e.stage=`failed`,e.failure=t,this.linger(e)}linger(e){this.timers.set(e,setTimeout(()=>this.dismiss(e),it))}tick(){for(let e of this.lines)e.stage===`waiting`&&this.secondsLeft(e)===0&&(e.stage=`deleting`);this.host.requestUpdate()}},st=o` :host { position: sticky; z-index: 5; bottom: 0; pointer-events: none; } dialog { pointer-events: auto; } .undo-lines:not([hidden]) { display: grid; justify-items: center; gap: 8px; padding: 16px 16px calc(80px + env(safe-area-inset-bottom)); } .undo-line { display: flex; align-items: center; gap: 12px; width: min(560px, 100%); min-height: 56px; padding: 4px 8px 4px 20px; padding-inline: 20px 8px; border-radius: 28px; background: var(--primary-text-color); color: var(--primary-background-color); box-shadow: 0 8px 24px rgba(0, 0, 0, 0.3); pointer-events: auto; } .undo-line .words { flex: 1; min-width: 0; padding: 6px 0; overflow-wrap: anywhere; } .undo-line q { -webkit-line-clamp: 1; } .undo-line .button, .undo-line .button:hover:not(:disabled) { min-height: 48px; border-radius: 24px; background: none; color: inherit; border-color: color-mix(in srgb, currentColor 45%, transparent); } .undo-line .button:hover:not(:disabled) { background: color-mix(in srgb, currentColor 14%, transparent); } .undo-line .icon-button { width: 48px; height: 48px; color: inherit; } .undo-line :focus-visible { outline-color: currentColor; outline-offset: -4px; } .seconds { min-width: 3ch; text-align: end; font-variant-numeric: tabular-nums; } `;function M(e,t,n,r){var i=arguments.length,a=i<3?t:r===null?r=Object.getOwnPropertyDescriptor(t,n):r,o;if(typeof Reflect==`object`&&typeof Reflect.decorate==`function`)a=Reflect.decorate(e,t,n,r);else for(var s=e.length-1;s>=0;s--)(o=e[s])&&(a=(i<3?o(a):i>3?o(t,n,a):o(t,n))||a);return i>3&&a&&Object.defineProperty(t,n,a),a}var N=class extends E{connectedCallback(){super.connectedCallback(),this.unlisten=this.connection.listen(this)}disconnectedCallback(){super.disconnectedCallback(),this.unlisten?.()}stateChanged(){this.requestUpdate()}get state(){return this.connection.state}get house(){return this.state.house}get admin(){return this.state.permissions.admin}t(e,t){return this.texts.get(e,t)}emit(e,t){this.dispatchEvent(new CustomEvent(e,{detail:t,bubbles:!0,composed:!0}))}notify(e){this.emit(`vp-notify`,e)}async attempt(e){try{return await e(),!0}catch(e){return this.notify(this.texts.error(j(e).code)),!1}}async turn(e,t){let n=e.target,r=n.checked;await this.attempt(()=>t(r))||(n.checked=!r)}};M([D({attribute:!1})],N.prototype,`connection`,void 0),M([D({attribute:!1})],N.prototype,`texts`,void 0);function P(e,t){customElements.get(e)||customElements.define(e,t)}var ct=`M12,5.5A3.5,3.5 0 0,1 15.5,9A3.5,3.5 0 0,1 12,12.5A3.5,3.5 0 0,1 8.5,9A3.5,3.5 0 0,1 12,5.5M5,8C5.56,8 6.08,8.15 6.53,8.42C6.38,9.85 6.8,11.27 7.66,12.38C7.16,13.34 6.16,14 5,14A3,3 0 0,1 2,11A3,3 0 0,1 5,8M19,8A3,3 0 0,1 22,11A3,3 0 0,1 19,14C17.84,14 16.84,13.34 16.34,12.38C17.2,11.27 17.62,9.85 17.47,8.42C17.92,8.15 18.44,8 19,8M5.5,18.25C5.5,16.18 8.41,14.5 12,14.5C15.59,14.5 18.5,16.18 18.5,18.25V20H5.5V18.25M0,20V18.5C0,17.11 1.89,15.94 4.45,15.6C3.86,16.28 3.5,17.22 3.5,18.25V20H0M24,20H20.5V18.25C20.5,17.22 20.14,16.28 19.55,15.6C22.11,15.94 24,17.11 24,18.5V20Z`,lt=`M12,4A4,4 0 0,1 16,8A4,4 0 0,1 12,12A4,4 0 0,1 8,8A4,4 0 0,1 12,4M12,6A2,2 0 0,0 10,8A2,2 0 0,0 12,10A2,2 0 0,0 14,8A2,2 0 0,0 12,6M12,13C14.67,13 20,14.33 20,17V20H4V17C4,14.33 9.33,13 12,13M12,14.9C9.03,14.9 5.9,16.36 5.9,17V18.1H18.1V17C18.1,16.36 14.97,14.9 12,14.9Z`,ut=`M11,15H13V17H11V15M11,7H13V13H11V7M12,2C6.47,2 2,6.5 2,12A10,10 0 0,0 12,22A10,10 0 0,0 22,12A10,10 0 0,0 12,2M12,20A8,8 0 0,1 4,12A8,8 0 0,1 12,4A8,8 0 0,1 20,12A8,8 0 0,1 12,20Z`,dt=`M21,7L9,19L3.5,13.5L4.91,12.09L9,16.17L19.59,5.59L21,7Z`,ft=`M12 2C6.5 2 2 6.5 2 12S6.5 22 12 22 22 17.5 22 12 17.5 2 12 2M12 20C7.59 20 4 16.41 4 12S7.59 4 12 4 20 7.59 20 12 16.41 20 12 20M16.59 7.58L10 14.17L7.41 11.59L6 13L10 17L18 9L16.59 7.58Z`,pt=`M7.41,8.58L12,13.17L16.59,8.58L18,10L12,16L6,10L7.41,8.58Z`,mt=`M7.41,15.41L12,10.83L16.59,15.41L18,14L12,8L6,14L7.41,15.41Z`,ht=`M12,20A8,8 0 0,0 20,12A8,8 0 0,0 12,4A8,8 0 0,0 4,12A8,8 0 0,0 12,20M12,2A10,10 0 0,1 22,12A10,10 0 0,1 12,22C6.47,22 2,17.5 2,12A10,10 0 0,1 12,2M12.5,7V12.25L17,14.92L16.25,16.15L11,13V7H12.5Z`,gt=`M19,6.41L17.59,5L12,10.59L6.41,5L5,6.41L10.59,12L5,17.59L6.41,19L12,13.41L17.59,19L19,17.59L13.41,12L19,6.41Z`,_t=`M12,15.5A3.5,3.5 0 0,1 8.5,12A3.5,3.5 0 0,1 12,8.5A3.5,3.5 0 0,1 15.5,12A3.5,3.5 0 0,1 12,15.5M19.43,12.97C19.47,12.65 19.5,12.33 19.5,12C19.5,11.67 19.47,11.34 19.43,11L21.54,9.37C21.73,9.22 21.78,8.95 21.66,8.73L19.66,5.27C19.54,5.05 19.27,4.96 19.05,5.05L16.56,6.05C16.04,5.66 15.5,5.32 14.87,5.07L14.5,2.42C14.46,2.18 14.25,2 14,2H10C9.75,2 9.54,2.18 9.5,2.42L9.13,5.07C8.5,5.32 7.96,5.66 7.44,6.05L4.95,5.05C4.73,4.96 4.46,5.05 4.34,5.27L2.34,8.73C2.21,8.95 2.27,9.22 2.46,9.37L4.57,11C4.53,11.34 4.5,11.67 4.5,12C4.5,12.33 4.53,12.65 4.57,12.97L2.46,14.63C2.27,14.78 2.21,15.05 2.34,15.27L4.34,18.73C4.46,18.95 4.73,19.03 4.95,18.95L7.44,17.94C7.96,18.34 8.5,18.68 9.13,18.93L9.5,21.58C9.54,21.82 9.75,22 10,22H14C14.25,22 14.46,21.82 14.5,21.58L14.87,18.93C15.5,18.67 16.04,18.34 16.56,17.94L19.05,18.95C19.27,19.03 19.54,18.95 19.66,18.73L21.66,15.27C21.78,15.05 21.73,14.78 21.54,14.63L19.43,12.97Z`,vt=`M9 22C8.45 22 8 21.55 8 21V18H4C2.9 18 2 17.11 2 16V4C2 2.89 2.9 2 4 2H20C21.11 2 22 2.9 22 4V16C22 17.11 21.11 18 20 18H13.9L10.2 21.71C10 21.9 9.75 22 9.5 22H9M10 16V19.08L13.08 16H20V4H4V16H10M15.6 6L17 7.41L10.47 14L7 10.5L8.4 9.09L10.47 11.17L15.6 6`,yt=`M6,19A2,2 0 0,0 8,21H16A2,2 0 0,0 18,19V7H6V19M8,9H16V19H8V9M15.5,4L14.5,3H9.5L8.5,4H5V6H19V4H15.5Z`,bt=`M12,16A2,2 0 0,1 14,18A2,2 0 0,1 12,20A2,2 0 0,1 10,18A2,2 0 0,1 12,16M12,10A2,2 0 0,1 14,12A2,2 0 0,1 12,14A2,2 0 0,1 10,12A2,2 0 0,1 12,10M12,4A2,2 0 0,1 14,6A2,2 0 0,1 12,8A2,2 0 0,1 10,6A2,2 0 0,1 12,4Z`,xt=`M5,20H19V18H5M19,9H15V3H9V9H5L12,16L19,9Z`,St=`M17,20C16.71,20 16.44,19.94 16.24,19.85C15.53,19.5 15.03,18.97 14.53,17.47C14,15.91 13.06,15.18 12.14,14.47C11.35,13.86 10.53,13.23 9.82,11.94C9.29,11 9,9.93 9,9C9,6.2 11.2,4 14,4C16.8,4 19,6.2 19,9H21C21,5.07 17.93,2 14,2C10.07,2 7,5.07 7,9C7,10.26 7.38,11.65 8.07,12.9C9,14.55 10.05,15.38 10.92,16.05C11.73,16.67 12.31,17.12 12.63,18.1C13.23,19.92 14,20.94 15.36,21.65C15.87,21.88 16.43,22 17,22A4,4 0 0,0 21,18H19A2,2 0 0,1 17,20M7.64,2.64L6.22,1.22C4.23,3.21 3,5.96 3,9C3,12.04 4.23,14.79 6.22,16.78L7.63,15.37C6,13.74 5,11.5 5,9C5,6.5 6,4.26 7.64,2.64M11.5,9A2.5,2.5 0 0,0 14,11.5A2.5,2.5 0 0,0 16.5,9A2.5,2.5 0 0,0 14,6.5A2.5,2.5 0 0,0 11.5,9Z`,Ct=`M6,13H18V11H6M3,6V8H21V6M10,18H14V16H10V18Z`,wt=`M7,5H21V7H7V5M7,13V11H21V13H7M4,4.5A1.5,1.5 0 0,1 5.5,6A1.5,1.5 0 0,1 4,7.5A1.5,1.5 0 0,1 2.5,6A1.5,1.5 0 0,1 4,4.5M4,10.5A1.5,1.5 0 0,1 5.5,12A1.5,1.5 0 0,1 4,13.5A1.5,1.5 0 0,1 2.5,12A1.5,1.5 0 0,1 4,10.5M7,19V17H21V19H7M4,16.5A1.5,1.5 0 0,1 5.5,18A1.5,1.5 0 0,1 4,19.5A1.5,1.5 0 0,1 2.5,18A1.5,1.5 0 0,1 4,16.5Z`,Tt=`M3,5H9V11H3V5M5,7V9H7V7H5M11,7H21V9H11V7M11,15H21V17H11V15M5,20L1.5,16.5L2.91,15.09L5,17.17L9.59,12.59L11,14L5,20Z`,Et=`M10,19H13V22H10V19M12,2C17.35,2.22 19.68,7.62 16.5,11.67C15.67,12.67 14.33,13.33 13.67,14.17C13,15 13,16 13,17H10C10,15.33 10,13.92 10.67,12.92C11.33,11.92 12.67,11.33 13.5,10.67C15.92,8.43 15.32,5.26 12,5A3,3 0 0,0 9,8H6A6,6 0 0,1 12,2Z`,Dt=`M13.5,8H12V13L16.28,15.54L17,14.33L13.5,12.25V8M13,3A9,9 0 0,0 4,12H1L4.96,16.03L9,12H6A7,7 0 0,1 13,5A7,7 0 0,1 20,12A7,7 0 0,1 13,19C11.07,19 9.32,18.21 8.06,16.94L6.64,18.36C8.27,20 10.5,21 13,21A9,9 0 0,0 22,12A9,9 0 0,0 13,3`,Ot=`M12,17C10.89,17 10,16.1 10,15C10,13.89 10.89,13 12,13A2,2 0 0,1 14,15A2,2 0 0,1 12,17M18,20V10H6V20H18M18,8A2,2 0 0,1 20,10V20A2,2 0 0,1 18,22H6C4.89,22 4,21.1 4,20V10C4,8.89 4.89,8 6,8H7V6A5,5 0 0,1 12,1A5,5 0 0,1 17,6V8H18M12,3A3,3 0 0,0 9,6V8H15V6A3,3 0 0,0 12,3Z`,kt=`M9.5,3A6.5,6.5 0 0,1 16,9.5C16,11.11 15.41,12.59 14.44,13.73L14.71,14H15.5L20.5,19L19,20.5L14,15.5V14.71L13.73,14.44C12.59,15.41 11.11,16 9.5,16A6.5,6.5 0 0,1 3,9.5A6.5,6.5 0 0,1 9.5,3M9.5,5C7,5 5,7 5,9.5C5,12 7,14 9.5,14C12,14 14,12 14,9.5C14,7 12,5 9.5,5Z`,At=`M3,6H21V8H3V6M3,11H21V13H3V11M3,16H21V18H3V16Z`,jt=`M12,2A3,3 0 0,1 15,5V11A3,3 0 0,1 12,14A3,3 0 0,1 9,11V5A3,3 0 0,1 12,2M19,11C19,14.53 16.39,17.44 13,17.93V21H11V17.93C7.61,17.44 5,14.53 5,11H7A5,5 0 0,0 12,16A5,5 0 0,0 17,11H19Z`,Mt=`M19,11C19,12.19 18.66,13.3 18.1,14.28L16.87,13.05C17.14,12.43 17.3,11.74 17.3,11H19M15,11.16L9,5.18V5A3,3 0 0,1 12,2A3,3 0 0,1 15,5V11L15,11.16M4.27,3L21,19.73L19.73,21L15.54,16.81C14.77,17.27 13.91,17.58 13,17.72V21H11V17.72C7.72,17.23 5,14.41 5,11H6.7C6.7,14 9.24,16.1 12,16.1C12.81,16.1 13.6,15.91 14.31,15.58L12.65,13.92L12,14A3,3 0 0,1 9,11V10.28L3,4.27L4.27,3Z`,Nt=`M9 2C10.66 2 12 3.34 12 5V11C12 12.66 10.66 14 9 14S6 12.66 6 11V5C6 3.34 7.34 2 9 2M16 11C16 14.53 13.39 17.44 10 17.93V21H8V17.93C4.61 17.44 2 14.53 2 11H4C4 13.76 6.24 16 9 16S14 13.76 14 11H16M20.5 14.5V16H19V14.5H20.5M18.5 9.5H17V9C17 7.34 18.34 6 20 6S23 7.34 23 9C23 9.97 22.5 10.88 21.71 11.41L21.41 11.6C20.84 12 20.5 12.61 20.5 13.3V13.5H19V13.3C19 12.11 19.6 11 20.59 10.35L20.88 10.16C21.27 9.9 21.5 9.47 21.5 9C21.5 8.17 20.83 7.5 20 7.5S18.5 8.17 18.5 9V9.5Z`,Pt=`M14,19H18V5H14M6,19H10V5H6V19Z`,Ft=`M8,5.14V19.14L19,12.14L8,5.14Z`,It=`M19,12C19,15.86 15.86,19 12,19C8.14,19 5,15.86 5,12C5,8.14 8.14,5 12,5C15.86,5 19,8.14 19,12Z`,F={account:lt,alert:ut,archive:xt,check:dt,clock:ht,close:gt,cog:_t,deleted:yt,done:ft,expand:pt,down:pt,filter:Ct,guests:ct,help:Et,history:Dt,listed:wt,listened:St,lock:Ot,menu:At,microphone:jt,more:bt,muted:Mt,offline:`M2.28,3L1,4.27L2.47,5.74C2.04,6 1.61,6.29 1.2,6.6L3,9C3.53,8.6 4.08,8.25 4.66,7.93L6.89,10.16C6.15,10.5 5.44,10.91 4.8,11.4L6.6,13.8C7.38,13.22 8.26,12.77 9.2,12.47L11.75,15C10.5,15.07 9.34,15.5 8.4,16.2L12,21L14.46,17.73L17.74,21L19,19.72M12,3C9.85,3 7.8,3.38 5.9,4.07L8.29,6.47C9.5,6.16 10.72,6 12,6C15.38,6 18.5,7.11 21,9L22.8,6.6C19.79,4.34 16.06,3 12,3M12,9C11.62,9 11.25,9 10.88,9.05L14.07,12.25C15.29,12.53 16.43,13.07 17.4,13.8L19.2,11.4C17.2,9.89 14.7,9 12,9Z`,pause:Pt,play:Ft,reply:`M8,9.8V10.7L9.7,11C12.3,11.4 14.2,12.4 15.6,13.7C13.9,13.2 12.1,12.9 10,12.9H8V14.2L5.8,12L8,9.8M10,5L3,12L10,19V14.9C15,14.9 18.5,16.5 21,20C20,15 17,10 10,9`,reviewed:vt,robot:`M17.5 15.5C17.5 16.61 16.61 17.5 15.5 17.5S13.5 16.61 13.5 15.5 14.4 13.5 15.5 13.5 17.5 14.4 17.5 15.5M8.5 13.5C7.4 13.5 6.5 14.4 6.5 15.5S7.4 17.5 8.5 17.5 10.5 16.61 10.5 15.5 9.61 13.5 8.5 13.5M23 15V18C23 18.55 22.55 19 22 19H21V20C21 21.11 20.11 22 19 22H5C3.9 22 3 21.11 3 20V19H2C1.45 19 1 18.55 1 18V15C1 14.45 1.45 14 2 14H3C3 10.13 6.13 7 10 7H11V5.73C10.4 5.39 10 4.74 10 4C10 2.9 10.9 2 12 2S14 2.9 14 4C14 4.74 13.6 5.39 13 5.73V7H14C17.87 7 21 10.13 21 14H22C22.55 14 23 14.45 23 15M21 16H19V14C19 11.24 16.76 9 14 9H10C7.24 9 5 11.24 5 14V16H3V17H5V20H19V17H21V16Z`,search:kt,select:Tt,shield:`M21,11C21,16.55 17.16,21.74 12,23C6.84,21.74 3,16.55 3,11V5L12,1L21,5V11M12,21C15.75,20 19,15.54 19,11.22V6.3L12,3.18L5,6.3V11.22C5,15.54 8.25,20 12,21M14.8,11V9.5C14.8,8.1 13.4,7 12,7C10.6,7 9.2,8.1 9.2,9.5V11C8.6,11 8,11.6 8,12.2V15.7C8,16.4 8.6,17 9.2,17H14.7C15.4,17 16,16.4 16,15.8V12.3C16,11.6 15.4,11 14.8,11M13.5,11H10.5V9.5C10.5,8.7 11.2,8.2 12,8.2C12.8,8.2 13.5,8.7 13.5,9.5V11Z`,shieldAlert:`M21,11C21,16.55 17.16,21.74 12,23C6.84,21.74 3,16.55 3,11V5L12,1L21,5V11M12,21C15.75,20 19,15.54 19,11.22V6.3L12,3.18L5,6.3V11.22C5,15.54 8.25,20 12,21M11,7H13V13H11V7M11,15H13V17H11V15Z`,takenOut:`M2 17A2 2 0 0 0 4 19H20A2 2 0 0 0 22 17V12H20V17H4V12H2M14.12 5.46L15.54 6.88L13.41 9L15.54 11.12L14.12 12.54L12 10.41L9.88 12.54L8.46 11.12L10.59 9L8.46 6.88L9.88 5.46L12 7.59Z`,toggle:`M17 6H7C3.69 6 1 8.69 1 12S3.69 18 7 18H17C20.31 18 23 15.31 23 12S20.31 6 17 6M17 16H7C4.79 16 3 14.21 3 12S4.79 8 7 8H17C19.21 8 21 9.79 21 12S19.21 16 17 16M17 9C15.34 9 14 10.34 14 12S15.34 15 17 15 20 13.66 20 12 18.66 9 17 9Z`,upload:`M9,10V16H15V10H19L12,3L5,10H9M12,5.8L14.2,8H13V14H11V8H9.8L12,5.8M19,18H5V20H19V18Z`,up:mt},Lt={disconnected:Et,listening:St,muted:Mt,not_listening:Nt,recording:It};function I(e){return x`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path fill="currentColor" d=${e}></path>
  </svg>`}var Rt=o` .state { display: inline-flex; align-items: center; gap: 6px; font-weight: 500; white-space: nowrap; } .badge { display: grid; place-items: center; flex: none; width: 36px; height: 36px; border-radius: 50%; border: 2px solid transparent; } .badge.listening { background: color-mix(in srgb, var(--vp-good-text) 14%, transparent); color: var(--vp-good-text); } .badge.recording { background: var(--vp-danger); color: var(--vp-on-danger); border-radius: 10px; animation: breathe 1.6s ease-in-out infinite; } .badge.muted { background: color-mix(in srgb, var(--primary-text-color) 10%, transparent); color: var(--primary-text-color); } .badge.disconnected, .badge.not_listening { border: 2px dashed var(--secondary-text-color); color: var(--secondary-text-color); } @keyframes breathe { 50% { box-shadow: 0 0 0 6px color-mix(in srgb, var(--vp-danger) 22%, transparent); } } .wave { display: block; width: 100%; height: 100%; overflow: visible; } .wave path { fill: none; stroke-width: 2px; stroke-linecap: round; vector-effect: non-scaling-stroke; } .wave .rest { stroke: color-mix(in srgb, var(--primary-text-color) 32%, transparent); } .wave .played { visibility: var(--played, hidden); stroke: var(--vp-accent); clip-path: inset(-4px calc(100% - var(--progress, 0%)) -4px -4px); } .play { width: 44px; height: 44px; flex: none; border-radius: 50%; background: var(--vp-tint); color: var(--primary-text-color); transition: background 120ms, transform 120ms; } .play .icon { width: 24px; height: 24px; } .play:hover:not(:disabled) { background: color-mix(in srgb, var(--vp-accent) 24%, transparent); } .play:active { transform: scale(0.94); } .play.active { background: var(--vp-accent); color: var(--text-primary-color, #fff); } .note { display: flex; gap: 10px; align-items: flex-start; padding: 12px 14px; border-radius: 10px; background: color-mix(in srgb, var(--primary-text-color) 5%, transparent); } .note.warn { background: color-mix(in srgb, var(--vp-warn-text) 12%, transparent); } .note.warn .icon { color: var(--vp-warn-text); } .empty { display: grid; justify-items: center; gap: 10px; text-align: center; padding: 56px 24px; color: var(--secondary-text-color); } .empty h2 { color: var(--primary-text-color); font-size: 18px; font-weight: 500; } .empty p { max-width: 46ch; } .empty .hero { width: 72px; height: 72px; display: grid; place-items: center; border-radius: 24px; color: #fff; background: linear-gradient(135deg, #0d8a80, #1a4fa0); margin-bottom: 6px; } .empty .hero .icon { width: 36px; height: 36px; } @media (prefers-reduced-motion: reduce) { *, *::after { animation: none !important; transition: none !important; } } `,zt=o` button, input, select { font: inherit; color: inherit; } button { cursor: pointer; border: 0; background: none; display: inline-flex; align-items: center; justify-content: center; gap: 8px; } button:disabled { cursor: default; opacity: 0.5; } :focus-visible { outline: 2px solid var(--vp-accent); outline-offset: 2px; } .button { min-height: 40px; padding: 0 16px; border-radius: 20px; font-weight: 500; border: 1px solid var(--vp-line); background: var(--vp-card); transition: background 120ms; } a.button { display: inline-flex; align-items: center; text-decoration: none; color: inherit; } .slider { appearance: none; width: 100%; height: 24px; margin: 0; background: none; cursor: pointer; } .slider::-webkit-slider-runnable-track { height: 6px; border-radius: 3px; background: color-mix(in srgb, var(--primary-text-color) 18%, transparent); } .slider::-moz-range-track { height: 6px; border-radius: 3px; background: color-mix(in srgb, var(--primary-text-color) 18%, transparent); } .slider::-webkit-slider-thumb { appearance: none; width: 20px; height: 20px; margin-top: -7px; border-radius: 50%; background: var(--vp-accent); } .slider::-moz-range-thumb { width: 20px; height: 20px; border: none; border-radius: 50%; background: var(--vp-accent); } .slider:disabled { opacity: 0.5; cursor: default; } .button:hover:not(:disabled) { background: color-mix(in srgb, var(--primary-text-color) 6%, var(--vp-card)); } .button.primary { border: 2px solid var(--vp-accent); background: color-mix(in srgb, var(--vp-accent) 16%, var(--vp-card)); } .button.primary:hover:not(:disabled) { background: color-mix(in srgb, var(--vp-accent) 26%, var(--vp-card)); } .button.danger { border-color: transparent; background: var(--vp-danger); color: var(--vp-on-danger); } .button.danger:hover:not(:disabled) { background: color-mix(in srgb, #000 12%, var(--vp-danger)); } .button.danger-quiet { color: var(--vp-danger-text); } .icon-button { width: 40px; height: 40px; border-radius: 50%; color: var(--secondary-text-color); transition: background 120ms; } .icon-button:hover:not(:disabled) { background: color-mix(in srgb, var(--primary-text-color) 8%, transparent); color: var(--primary-text-color); } .field { min-height: 40px; border-radius: 10px; border: 1px solid color-mix(in srgb, var(--primary-text-color) 24%, transparent); background: var(--vp-card); padding: 0 12px; } select.field { appearance: none; padding-inline-end: 34px; background-image: linear-gradient(45deg, transparent 50%, currentColor 50%), linear-gradient(-45deg, transparent 50%, currentColor 50%); background-position: right 18px center, right 13px center; background-size: 5px 5px; background-repeat: no-repeat; } select.field:dir(rtl) { background-position: left 13px center, left 18px center; } input[type="checkbox"].box { width: 18px; height: 18px; margin: 0; accent-color: var(--vp-accent); } input[role="switch"] { appearance: none; position: relative; flex: none; width: 46px; height: 26px; margin: 0; border-radius: 13px; cursor: pointer; background: var(--vp-card); border: 2px solid var(--secondary-text-color); transition: background 150ms; } input[role="switch"]::after { content: ""; position: absolute; inset-block-start: 4px; inset-inline-start: 4px; width: 14px; height: 14px; border-radius: 50%; background: var(--secondary-text-color); transition: inset-inline-start 150ms; } input[role="switch"]:checked { background: var(--vp-accent); border-color: var(--vp-accent); } input[role="switch"]:checked::after { inset-block-start: 2px; inset-inline-start: 22px; width: 18px; height: 18px; background: #fff; } input[role="switch"]:disabled { cursor: default; opacity: 0.5; } input[role="switch"]::before { content: ""; position: absolute; inset: -13px -2px; } @media (pointer: coarse) { .button, .field { min-height: 48px; } .icon-button { width: 48px; height: 48px; } } `,L=[o` :host { --vp-accent: var(--primary-color); --vp-danger: var(--ha-color-fill-danger-loud-resting, #c5303f); --vp-on-danger: var(--ha-color-on-danger-loud, #fff); --vp-danger-text: var(--ha-color-on-danger-quiet, #b3202f); --vp-good-text: var(--ha-color-on-success-quiet, #00743a); --vp-warn-text: var(--ha-color-on-warning-quiet, #a34200); --vp-card: var(--ha-card-background, var(--card-background-color, #fff)); --vp-line: var(--divider-color, rgba(0, 0, 0, 0.12)); --vp-tint: color-mix(in srgb, var(--vp-accent) 10%, transparent); --vp-radius: var(--ha-card-border-radius, 12px); display: block; color: var(--primary-text-color); font-family: var(--ha-font-family-body, Roboto, sans-serif); font-size: 14px; line-height: 1.45; -webkit-font-smoothing: antialiased; } * { box-sizing: border-box; } h1, h2, h3, p { margin: 0; } .sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; } .icon { width: 20px; height: 20px; flex: none; display: block; } .muted-text { color: var(--secondary-text-color); } .card { background: var(--vp-card); border: 1px solid var(--vp-line); border-radius: var(--vp-radius); } `,zt,Rt],Bt=o` dialog { color: var(--primary-text-color); background: var(--vp-card); border: 0; padding: 0; border-radius: 24px; width: min(480px, calc(100vw - 32px)); max-height: calc(100dvh - 48px); box-shadow: 0 24px 64px rgba(0, 0, 0, 0.35); } dialog::backdrop { background: rgba(0, 0, 0, 0.5); } .dialog { display: grid; gap: 16px; padding: 24px; } .dialog h2 { font-size: 20px; font-weight: 500; line-height: 1.3; } .dialog ul { margin: 0; padding-inline-start: 20px; display: grid; gap: 4px; } .actions { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 8px; margin-top: 4px; } .choice { width: 100%; justify-content: flex-start; text-align: start; gap: 14px; padding: 12px 14px; border-radius: 14px; border: 1px solid var(--vp-line); } .choice:hover { background: color-mix(in srgb, var(--primary-text-color) 5%, transparent); } .choice small { display: block; font-size: 13px; color: var(--secondary-text-color); } .choice strong { font-weight: 500; } .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; } .fields .wide { grid-column: 1 / -1; } .presets { display: flex; flex-wrap: wrap; gap: 8px; } .presets .button[aria-pressed="true"] { background: var(--vp-tint); border-color: var(--vp-accent); } @media (pointer: coarse) { .dialog .button, .dialog .field { min-height: 48px; border-radius: 24px; } } .fields label, .typed { display: grid; gap: 4px; font-size: 13px; color: var(--secondary-text-color); } .fields .field, .typed .field { font-size: 14px; width: 100%; color: var(--primary-text-color); } .bar { height: 6px; border-radius: 3px; overflow: hidden; background: color-mix(in srgb, var(--primary-text-color) 12%, transparent); } .bar i { display: block; height: 100%; border-radius: 3px; background: var(--vp-accent); transition: width 120ms; } .bar i.endless { width: 35%; animation: travel 1.1s ease-in-out infinite alternate; } @keyframes travel { to { margin-inline-start: 65%; } } .quota { display: grid; gap: 6px; margin: 8px 0; font-size: 12px; } .receipt { display: grid; gap: 0; margin: 0; } .receipt div { display: flex; justify-content: space-between; gap: 16px; padding: 8px 0; border-bottom: 1px solid var(--vp-line); } .receipt dt { color: var(--secondary-text-color); } .receipt dd { margin: 0; font-weight: 500; text-align: end; } .details summary { cursor: pointer; min-height: 40px; align-content: center; color: var(--secondary-text-color); } .details[open] { display: grid; gap: 12px; } .dialog .quotes { list-style: none; padding: 10px 14px; border-radius: 12px; background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); overflow-wrap: anywhere; } q { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; } q + bdi { display: block; font-size: 13px; opacity: 0.8; } .seal { width: 44px; height: 44px; border-radius: 14px; display: grid; place-items: center; color: var(--vp-good-text); background: color-mix(in srgb, var(--vp-good-text) 14%, transparent); } .seal.warn { color: var(--vp-warn-text); background: color-mix(in srgb, var(--vp-warn-text) 14%, transparent); } @media (max-width: 600px) { dialog { width: 100vw; max-width: 100vw; margin: auto 0 0; border-radius: 24px 24px 0 0; padding-bottom: env(safe-area-inset-bottom); } .actions .button { flex: 1; } } `;function Vt(e){return e.verified&&e.left===0}function Ht(e,t,n){return e.get(Vt(t)?`receipt.title`:`receipt.title_partial`,{recordings:e.count(`recordings`,t.deleted||t.already_gone),time:e.timeWithSeconds(n)})}function Ut(e,t){return x`${t.length?x`<p class="muted-text">${e.get(`receipt.not_reached`)}</p>
            <ul class="muted-text">
              ${t.map(t=>x`<li>${e.get(`not_reachable.${t}`)}</li>`)}
            </ul>`:C}
    <p class="muted-text">${e.get(`delete.not_reached`)}</p>`}function Wt(e,t,{left:n,rows:r}){if(!t.deleted)return C;if(r!==void 0){let t=r===null?`receipt.rows_unknown`:r?`receipt.rows_left`:`receipt.rows_gone`;return x`<p class="muted-text" role="status" data-counted>
      ${e.get(t,{count:e.number(r??0)})}
    </p>`}let i=t.pending||1;return x`<div class="bar"><i style="width:${100*(1-Math.min(1,(n??i)/i))}%"></i></div>
    <p class="muted-text">${e.get(`receipt.pending`,{count:e.number(n??i)})}</p>`}function Gt(e,t,n){let r=[[e.get(`receipt.deleted`),e.number(t.deleted)],[e.get(`receipt.keys`),e.get(t.verified?`receipt.keys_zero`:`receipt.keys_unsure`)],[e.get(`receipt.left`),e.number(t.left)]];return t.size!==null&&r.splice(1,0,[e.get(`receipt.freed`),e.size(t.size)]),t.already_gone&&r.push([e.get(`receipt.already_gone`),e.number(t.already_gone)]),x`<details class="details" ?open=${!Vt(t)}>
    <summary>${e.get(`receipt.details`)}</summary>
    <dl class="receipt">
      ${r.map(([e,t])=>x`<div>
            <dt>${e}</dt>
            <dd><bdi>${t}</bdi></dd>
          </div>`)}
    </dl>
    ${Wt(e,t,n)} ${Ut(e,t.not_reachable)}
  </details>`}var R=class extends N{constructor(...e){super(...e),this.stage=`asking`,this.progress={},this.word=``}static{this.styles=[L,Bt]}async ask(e){this.prompt=e,this.preview=this.failure=this.finished=void 0,this.progress={},this.word=``,this.stage=`asking`,await this.updateComplete,this.dialog.showModal(),this.renderRoot.querySelector(`[data-first]`)?.focus();try{this.preview=await this.connection.call(`recordings/preview`,e.request)}catch(e){this.failure=j(e),this.stage=`failed`}e.typed&&this.prompt===e&&(await this.updateComplete,this.renderRoot.querySelector(`.typed input`)?.focus())}get dialog(){return this.renderRoot.querySelector(`dialog`)}async delete(){this.stage=`deleting`,this.progress={};try{if(await this.hide(this.prompt)){this.close();return}await this.connection.follow(`recordings/delete`,{...this.prompt.request,follow:!0},e=>this.told(e))}catch(e){await this.ended(j(e))}}told(e){this.progress=rt(this.progress,e),e.type===`failed`?this.ended(new A(e.code)):e.type===`receipt`&&this.ended()}async ended(e){this.failure=e,this.finished=/* @__PURE__ */ new Date,this.stage=e?`failed`:`done`,await this.updateComplete,this.renderRoot.querySelector(`[data-first]`)?.focus()}close(){this.dialog.close()}closed(){this.prompt=void 0,this.emit(`vp-closed`,this.outcome())}async hide(e){return!1}outcome(){return this.progress.receipt}async showReceipt(e,t){this.prompt={title:``,request:{scope:`ids`}},this.progress=e,this.finished=t,this.stage=`done`,await this.updateComplete,this.renderRoot.querySelector(`details`).open=!0,this.dialog.showModal(),this.renderRoot.querySelector(`[data-first]`)?.focus()}beside(){return C}render(){return x`<dialog
        aria-labelledby="title"
        @cancel=${e=>this.stage===`deleting`&&e.preventDefault()}
        @close=${this.closed}
        @keydown=${e=>e.stopPropagation()}
      >
        ${this.prompt?x`<div class="dialog">${this.body()}</div>`:``}
      </dialog>
      ${this.beside()}`}body(){switch(this.stage){case`deleting`:return x`<h2 id="title">${this.t(`delete.working`)}</h2>
          <div class="bar"><i class="endless"></i></div>
          <p role="status">
            ${this.progress.total?this.texts.count(`recordings`,this.progress.total)+` · `:``}${this.t(`delete.working_detail`)}
          </p>`;case`done`:return this.receiptBody(this.progress.receipt);case`failed`:return x`<div class="seal warn">${I(F.alert)}</div>
          <h2 id="title">${this.t(`delete.failed`)}</h2>
          ${this.quotes(this.prompt)}
          <p role="alert">${this.texts.error(this.failure.code)}</p>
          <div class="actions">
            <button class="button" data-first @click=${this.close}>${this.t(`common.close`)}</button>
            <button class="button danger" @click=${()=>void this.delete()}>${this.t(`common.retry`)}</button>
          </div>`;case`asking`:return this.question()}}question(){let{prompt:e,preview:t}=this,n=this.t(`delete.word`),r=t&&t.count>0&&(!e.typed||this.word.trim().toLocaleUpperCase()===n);return x`<h2 id="title">${e.title}</h2>
      ${this.quotes(e)}
      ${t?t.count===0?x`<p role="status">${this.t(`delete.nothing`)}</p>`:this.meant(t,e):x`<p class="muted-text" role="status">${this.t(`delete.looking`)}</p>`}
      ${t?.count&&e.typed?x`<label class="typed"
              >${this.t(`delete.type`,{word:n})}
              <input
                class="field"
                autocomplete="off"
                spellcheck="false"
                .value=${this.word}
                @input=${e=>this.word=e.target.value}
            /></label>`:C}
      <div class="actions">
        <button class="button" data-first @click=${this.close}>${this.t(`common.cancel`)}</button>
        <button class="button danger" id="confirm" ?disabled=${!r} @click=${()=>void this.delete()}>
          ${I(F.deleted)}${this.t(`delete.button`,{recordings:this.texts.count(`recordings`,t?.count??0)})}
        </button>
      </div>`}meant(e,t){let n=Object.entries(e.satellites).sort(([,e],[,t])=>t-e);return x`<div>
        <p>
          <strong>${this.texts.count(`recordings`,e.count)}</strong>${this.texts.behind(e.size)} ·
          ${e.count===1?this.texts.dateTime(e.first):this.t(`delete.span`,{first:this.texts.dateTime(e.first),last:this.texts.dateTime(e.last)})}
        </p>
        <p class="muted-text">
          ${n.map(([e,t],n)=>x`${n?` · `:``}<bdi>${this.connection.nameOf(e)??this.t(`common.removed_satellite`)}</bdi>
                ${this.texts.number(t)}`)}
        </p>
      </div>
      <ul>
        ${[`what`,`now`,`rows`,`no_undo`].map(e=>x`<li>${this.t(`delete.${e}`)}</li>`)}
      </ul>
      ${Ut(this.texts,e.not_reachable)}`}receiptBody(e){let t=Vt(e);return x`<div class="seal ${t?``:`warn`}">${I(t?F.done:F.alert)}</div>
      <h2 id="title" data-receipt><span role="status">${Ht(this.texts,e,this.finished)}</span></h2>
      ${Gt(this.texts,e,this.progress)}
      <div class="actions">
        ${e.left?x`<button class="button danger" @click=${()=>void this.delete()}>${this.t(`common.retry`)}</button>`:``}
        <button class="button" data-first @click=${this.close}>${this.t(`common.done`)}</button>
      </div>`}quotes(e){return C}};M([O()],R.prototype,`prompt`,void 0),M([O()],R.prototype,`preview`,void 0),M([O()],R.prototype,`stage`,void 0),M([O()],R.prototype,`progress`,void 0),M([O()],R.prototype,`word`,void 0),M([O()],R.prototype,`failure`,void 0),M([O()],R.prototype,`finished`,void 0);function Kt(e){return x`${e.text?x`<q dir="auto">${e.text}</q>`:``}<bdi>${e.about}</bdi>`}function qt(e,t){let{receipt:n}=t.progress;return t.stage===`failed`?x`${e.get(`undo.failed`)} ${e.error(t.failure.code)} ${Kt(t.quote)}`:n?x`${Ht(e,n,t.finished)}`:x`${e.get(`undo.deleted`)} ${Kt(t.quote)}`}function Jt(e,t,n,r){if(n.stage===`waiting`){let r=t.secondsLeft(n);return x`<span class="seconds" aria-hidden="true">${e.number(Number.isFinite(r)?r:10)}</span
      ><button
        class="button undo"
        aria-label=${e.get(`undo.undo_one`,{recording:n.quote.about})}
        @click=${()=>void t.undo(n)}
      >
        ${e.get(`undo.undo`)}
      </button>`}return n.stage===`done`?x`<button class="button" data-details @click=${()=>r(n)}>
      ${e.get(`receipt.details`)}
    </button>`:x`<button
    class="icon-button"
    aria-label=${e.get(`common.close`)}
    ?hidden=${n.stage!==`failed`}
    @click=${()=>t.dismiss(n)}
  >
    ${I(F.close)}
  </button>`}function Yt(e,t,n){return x`<div
    class="undo-lines"
    role="region"
    aria-label=${e.get(`undo.region`)}
    ?hidden=${!t.lines.length}
  >
    ${t.lines.map(r=>{let{receipt:i}=r.progress;return x`<div class="undo-line ${r.stage===`failed`||i&&!Vt(i)?`warn`:``}" data-stage=${r.stage}>
        <span class="words">${qt(e,r)}</span>
        ${Jt(e,t,r,n)}
      </div>`})}
  </div>`}var Xt=3,Zt=class extends R{constructor(...e){super(...e),this.pending=new ot(this,()=>this.said=this.t(`undo.undone`)),this.isHidden=!1}static{this.styles=[R.styles,st]}undo(){return this.pending.undoLast()}stateChanged(){this.connection.status===`offline`&&this.pending.lost(),super.stateChanged()}async ask(e){this.isHidden=!1,this.said??=``,await super.ask(e)}async hide({undoable:e,quotes:t}){let n=t?.[0];return!e||!n?!1:(await this.pending.begin(e,n),this.said=`${this.t(`undo.deleted`)} ${n.text??``} ${n.about}. ${this.t(`undo.how`)}`,this.isHidden=!0,!0)}outcome(){return super.outcome()??(this.isHidden||void 0)}beside(){return x`${Yt(this.texts,this.pending,({progress:e,finished:t})=>{this.showReceipt(e,t)})}${this.said===void 0?C:x`<p class="sr" role="status">${this.said}</p>`}`}meant(e,t){return t.undoable?this.meantOne(e):super.meant(e,t)}meantOne(e){return x`<p>${this.t(`undo.about`)}</p>
      <details class="details">
        <summary>${this.t(`delete.details`)}</summary>
        <ul>
          ${[`what`,`rows`].map(e=>x`<li>${this.t(`delete.${e}`)}</li>`)}
        </ul>
        ${Ut(this.texts,e.not_reachable)}
      </details>`}quotes({quotes:e=[]}){if(!e.length)return C;let t=e.slice(0,Xt),n=e.length-t.length;return x`<ul class="quotes">
      ${t.map(e=>x`<li>${Kt(e)}</li>`)}
      ${n?x`<li>${this.t(`delete.more`,{recordings:this.texts.count(`recordings`,n)})}</li>`:C}
    </ul>`}};M([O()],Zt.prototype,`said`,void 0),P(`voice-privacy-deletion`,Zt);var Qt=-60,$t=class{constructor(e){this.host=e,this.level=0,this.run=0,e.addController(this)}hostDisconnected(){this.stop()}stop(){this.run+=1,this.end?.(),this.end=void 0,this.satellite=void 0,this.level=0,this.host.requestUpdate()}async start({id:e,wake_words:t}){this.stop();let{run:n}=this,{connection:r}=this.host,{models:i}=await r.call(`wake_words/list`),a=t.map(e=>e.id),o=i.find(({wake_word:e,status:t})=>t===`ready`&&a.includes(e));if(!o||n!==this.run)return;this.satellite=e,this.host.requestUpdate();let s;try{s=await r.follow(`wake_words/test`,{satellite_id:e,file:o.file},e=>{n===this.run&&this.receive(e)})}catch(e){throw n===this.run&&this.stop(),e}n===this.run?this.end=s:s()}receive(e){e.type===`ended`?this.stop():(this.level=Math.min(1,Math.max(0,(e.level-Qt)/54)),this.host.requestUpdate())}};function en(e,t){return e.guest_mode.on?`guest_mode`:t.toggles.save_recordings.on?`recordings`:`saving_off`}function tn(e,{house:t,satellites:n}){let r=e.get(`recordings.none`);if(t.toggles.guest_mode.on)return[r,e.get(`recordings.none_guest`)];let i=e=>n.filter(t=>t.toggles.save_recordings.on===e).map(e=>e.name),[a,o]=[i(!0),i(!1)];return o.length?a.length?[e.get(`recordings.none_yet`),e.get(`recordings.none_some`,{on:e.list(a),off:e.list(o)})]:[r,e.get(`recordings.none_off`)]:[r,e.get(`recordings.none_detail`)]}function z({pipeline:e}){return!e}function nn(e,t){let{satellites:n}=t,r=n.filter(z),i=e=>r.filter(({state:t})=>t===e).length,a=i(`listening`)+i(`recording`),o=[a||!n.length?e.count(`listening`,a):``,B(e,`strip.recording`,i(`recording`)),B(e,`strip.muted`,i(`muted`)),B(e,`strip.not_listening`,i(`not_listening`)),B(e,`strip.unknown`,i(`disconnected`)),B(e,`strip.unprotected`,(t.unprotected?.length??0)+n.length-r.length),...rn(e,t)],s=new Intl.ListFormat(e.language,{type:`unit`,style:`short`}).format(o.filter(Boolean));return s.charAt(0).toLocaleUpperCase(e.language)+s.slice(1)}function B(e,t,n){return n?e.get(t,{on:e.number(n)}):``}function rn(e,t){let{house:n,satellites:r}=t,i=e=>en(n.toggles,e)===`recordings`,[a,o]=[r.filter(e=>z(e)&&i(e)).length,r.length];return n.store_error?[e.get(`strip.cannot_save`)]:o?n.toggles.guest_mode.on?[e.get(`strip.guests`),...an(e,t)]:a?[e.get(`strip.saving`,{on:e.number(a),all:e.number(o)}),on(e,t)]:[e.get(`strip.saving_off`),...an(e,t)]:[]}function an(e,t){return t.house.recordings?[e.get(`strip.earlier`,{until:on(e,t)})]:[]}function on(e,{house:t,satellites:n}){let{keep_recordings:r}=t.retention,i=new Set(n.map(e=>e.keep_recordings===`as_others`?r:e.keep_recordings)),[a]=i;return i.size===1?a===`until_deleted`?e.get(`strip.kept`):e.get(`strip.kept_for`,{period:e.get(`retention.${a}`)}):e.get(`strip.kept_various`)}function sn(e,t){return en(e.state.house.toggles,t)}function cn(e,t,n){return un(n)?e.get(`state.unprotected`):n.state===`recording`&&sn(t,n)!==`recordings`?e.get(`state.hearing`):e.get(ln(n)?`state.used_elsewhere`:`state.${n.state}`)}function ln(e){return e.state===`disconnected`?$e.find(t=>t===e.silence_reason):void 0}function un(e){return!!e.pipeline&&gn(e)}function dn(e){return et.find(t=>t===e.silence_reason)}function fn(e){return e.state===`listening`||e.state===`not_listening`&&dn(e)!==void 0}function pn(e,t,n){let r=cn(e,t,n);return gn(n)&&!un(n)&&sn(t,n)!==`recordings`?`${r} · ${e.get(`state.keeps_nothing`)}`:r}function mn(e,t,n){if(n.state===`muted`)return n.silence_reason===`muted_by_hardware`?e.get(`state.mute_hardware`):e.get(n.mute_confirmed===!0?`state.mute_confirmed`:`state.mute_unconfirmed`);if(n.state===`not_listening`)return e.get(`state.${dn(n)??`no_audio`}`);let r=ln(n);if(r)return e.get(`state.${r}_detail`);if(un(n))return e.get(`state.unprotected_detail`,{pipeline:n.pipeline});let i=e.get(`state.${n.state}_detail`);return gn(n)?`${i} ${e.get(`state.keeps_${sn(t,n)}`)}`:i}function hn(e,t){return t.state!==`recording`||!t.recording_since?``:e.clock((Date.now()-Date.parse(t.recording_since))/1e3)}function V(e){return un(e)?x`<span class="badge not_listening">${I(F.shieldAlert)}</span>`:x`<span class="badge ${e.state}">${I(Lt[e.state])}</span>`}function gn(e){return e.state===`listening`||e.state===`recording`}var _n=o` :host { display: block; } section { margin-bottom: 20px; padding: 8px 20px 20px; } header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 4px 16px; min-height: 56px; } h2 { font-size: 20px; font-weight: 500; } h3 { font-size: 16px; font-weight: 500; min-height: 32px; display: flex; align-items: center; } ol, ul { list-style: none; margin: 0; padding: 0; } ol > li { display: grid; grid-template-columns: 32px minmax(0, 1fr); gap: 0 14px; padding: 10px 0; } .number { display: grid; place-items: center; width: 32px; height: 32px; border-radius: 50%; font-weight: 500; border: 2px solid var(--vp-accent); } .done > .number { border-color: transparent; background: color-mix(in srgb, var(--vp-good-text) 16%, transparent); color: var(--vp-good-text); } voice-privacy-unprotected { margin: 8px 0 12px; } .button { min-height: 48px; border-radius: 24px; } .mend { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 16px; padding: 8px 0 12px; } .mend span { flex: 1 1 260px; } .mend .button { height: auto; overflow-wrap: anywhere; } ul li { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; min-height: 48px; } ul label { flex: 1; font-weight: 500; cursor: pointer; } .microphone { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px; padding: 8px 0; } .microphone > span:not(.badge) { flex: 1 1 200px; min-width: 0; overflow-wrap: anywhere; } .level { flex: 1 1 160px; max-width: 320px; height: 12px; border-radius: 6px; overflow: hidden; background: color-mix(in srgb, var(--primary-text-color) 14%, transparent); } .level i { display: block; height: 100%; border-radius: 6px; background: var(--vp-accent); transition: width 200ms; } b { font-weight: 500; } small { display: block; font-size: 14px; color: var(--secondary-text-color); } .heard { display: flex; gap: 12px; overflow-wrap: anywhere; } .heard .icon { color: var(--vp-good-text); } `,vn=o` section.card { border: 2px solid color-mix(in srgb, var(--vp-warn-text) 55%, transparent); } ul { list-style: none; margin: 0; padding: 0; } li { padding: 14px 20px; } li + li { border-top: 1px solid var(--vp-line); } .line { display: flex; flex-wrap: wrap; align-items: center; gap: 12px 14px; } .grow { flex: 1 1 180px; min-width: 0; overflow-wrap: anywhere; } h2 { font-size: 16px; font-weight: 500; } .badge { width: 44px; height: 44px; border-color: var(--vp-warn-text); color: var(--vp-warn-text); } .button { min-height: 48px; border-radius: 24px; } .question { margin-top: 12px; padding-top: 12px; border-top: 1px solid var(--vp-line); } .question .grow { font-weight: 500; } a { color: inherit; } `,yn=class extends N{constructor(...e){super(...e),this.adding=!1}static{this.styles=[L,vn]}async add({source:e,name:t},n){this.adding=!0,await this.attempt(async()=>{let r={source:e,save_recordings:n},{pipeline:i}=await this.connection.call(`satellites/add`,r);this.notify(this.t(i?`rooms.added`:`rooms.added_deaf`,{name:t}))}),this.adding=!1,this.asked=void 0}render(){let e=this.state.unprotected??[];return e.length?x`<section class="card" aria-label=${this.t(`rooms.unprotected`)}>
      <ul>
        ${e.map(e=>this.row(e))}
      </ul>
    </section>`:C}row(e){let{source:t,name:n,wyoming:r}=e,i=this.asked===t;return x`<li>
      <div class="line">
        <span class="badge not_listening">${I(F.shieldAlert)}</span>
        <div class="grow">
          <h2><bdi>${n}</bdi></h2>
          <p>${this.t(`rooms.unprotected`)}</p>
          <p class="muted-text">${this.t(`rooms.unprotected_detail`)}</p>
        </div>
        ${this.admin&&!i?x`<button class="button primary" data-protect @click=${()=>this.asked=t}>
                ${this.t(`rooms.protect`)}<span class="sr"> ${n}</span>
              </button>`:C}
      </div>
      ${i?this.question(e):C}
      ${i&&r?x`<p class="muted-text">
              ${this.t(`rooms.take_over`)}
              <a href="/config/integrations/integration/voice_privacy">${this.t(`rooms.take_over_link`)}</a>
            </p>`:C}
    </li>`}question(e){return x`<div
      class="line question"
      role="group"
      aria-label=${this.t(`rooms.keep_question`,{name:e.name})}
    >
      <p class="grow">${this.t(`rooms.keep_question`,{name:e.name})}</p>
      <button
        class="button"
        data-keep="nothing"
        ?disabled=${this.adding}
        @click=${()=>void this.add(e,!1)}
      >
        ${this.t(`rooms.keep_nothing`)}
      </button>
      <button
        class="button"
        data-keep="recordings"
        ?disabled=${this.adding}
        @click=${()=>void this.add(e,!0)}
      >
        ${this.t(`rooms.keep_recordings`)}
      </button>
    </div>`}};M([O()],yn.prototype,`asked`,void 0),M([O()],yn.prototype,`adding`,void 0),P(`voice-privacy-unprotected`,yn);var bn=`voice_privacy_first_run_done`,H=class extends N{constructor(...e){super(...e),this.shown=!1,this.deaf=!1,this.wakes={},this.meter=new $t(this)}static{this.styles=[L,_n]}connectedCallback(){super.connectedCallback();let e=this.admin&&!this.house.recordings&&!localStorage.getItem(bn);this.house.recordings&&localStorage.setItem(bn,`1`),e&&(this.shown=!0,this.count(),this.look())}stateChanged(){if(super.stateChanged(),!this.shown)return;let e=this.state.satellites.find(({id:e,wakes_today:t})=>t>(this.wakes[e]??t));e&&(this.woke=e.id),this.count()}recordingsAdded(e){let[t]=e;this.shown&&t&&this.attempt(async()=>{this.heard=await this.connection.call(`recordings/get`,{recording_id:t.id})})}count(){this.wakes=Object.fromEntries(this.state.satellites.map(({id:e,wakes_today:t})=>[e,t]))}async look(){await this.attempt(async()=>{let{pipelines:e}=await this.connection.call(`options/get`);this.deaf=!e.length})}done(){localStorage.setItem(bn,`1`),this.meter.stop(),this.shown=!1}get ready(){return this.state.satellites.filter(z)}render(){if(!this.shown||!this.admin)return C;let{ready:e,heard:t}=this;return x`<section class="card" aria-labelledby="first-title">
      <header>
        <h2 id="first-title">${this.t(`first.title`)}</h2>
        <button class="button" id="first-done" @click=${this.done}>
          ${this.t(t?`common.done`:`first.later`)}
        </button>
      </header>
      <ol>
        ${this.step(1,e.length>0,`first.choose`,this.choose())}
        ${this.step(2,e.length>0,`first.keep`,e.length?this.keep():C)}
        ${this.step(3,t!==void 0,`first.say`,e.length?this.say():C)}
      </ol>
    </section>`}step(e,t,n,r){return x`<li class=${t?`done`:``}>
      <span class="number" aria-hidden="true">${t?I(F.check):this.texts.number(e)}</span>
      <div>
        <h3>${this.t(n)}${t?x`<span class="sr"> (${this.t(`common.done`)})</span>`:C}</h3>
        ${r}
      </div>
    </li>`}choose(){let e=this.state.satellites.filter(e=>!z(e));return x`<voice-privacy-unprotected
        .connection=${this.connection}
        .texts=${this.texts}
      ></voice-privacy-unprotected>
      ${e.map(e=>x`<p class="mend">
            <span>${mn(this.texts,this.connection,e)}</span>
            <button class="button primary" @click=${()=>void this.cover(e)}>
              ${this.t(`rooms.choose_pipeline`,{pipeline:e.pipeline})}<span class="sr">
                ${e.name}</span
              >
            </button>
          </p>`)}
      <a class="button" href="/config/integrations/integration/voice_privacy">${this.t(`first.another`)}</a>`}cover({id:e}){return this.attempt(()=>this.connection.call(`satellites/choose_pipeline`,{satellite_id:e}))}keep(){return x`<ul>
      ${this.ready.map(({id:e,name:t,toggles:n})=>x`<li>
            <label for="first-${e}"><bdi>${t}</bdi></label>
            <span class="muted-text"
              >${this.t(n.save_recordings.on?`rooms.keep_recordings`:`rooms.keep_nothing`)}</span
            >
            <input
              type="checkbox"
              role="switch"
              id="first-${e}"
              .checked=${n.save_recordings.on}
              @change=${t=>void this.turn(t,t=>this.connection.call(`settings/set`,{toggle:`save_recordings`,on:t,satellite_ids:[e]}))}
            />
          </li>`)}
    </ul>`}say(){let{heard:e,ready:t}=this;return x`${this.deaf?x`<p class="note warn">${I(F.alert)}<span>${this.t(`first.no_speech_to_text`)}</span></p>`:C}
      ${t.map(e=>this.microphone(e))}
      <div class="heard" role="status">${e?this.understood(e):this.waiting()}</div>`}microphone(e){let t=e.wake_words[0]?.phrase,n=e.state===`recording`||fn(e);return x`<div class="microphone">
      ${V(e)}
      <span
        ><b><bdi>${e.name}</bdi></b> · ${cn(this.texts,this.connection,e)}
        <small
          >${n?t?this.t(`first.say_words`,{phrase:t}):this.t(`first.say_own`):mn(this.texts,this.connection,e)}</small
        ></span
      >
      ${n&&e.is_scored?this.level(e):C}
      ${!n&&e.state!==`muted`?x`<a class="button" href="/config/repairs">${this.t(`first.repairs`)}</a>`:C}
    </div>`}level(e){let{name:t}=e;if(this.meter.satellite!==e.id)return x`<button
        class="button"
        data-level
        @click=${()=>void this.attempt(()=>this.meter.start(e))}
      >
        ${I(F.microphone)}${this.t(`first.level`)}<span class="sr"> ${t}</span>
      </button>`;let n=Math.round(this.meter.level*100);return x`<span
      class="level"
      role="meter"
      aria-label=${this.t(`first.level_of`,{name:t})}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${n}
      ><i style="width:${n}%"></i
    ></span>`}waiting(){let e=this.woke===void 0?void 0:this.connection.nameOf(this.woke);if(e===void 0)return``;let t=this.ready.find(({id:e})=>e===this.woke)?.toggles.save_recordings.on;return this.t(t?`first.woke`:`first.woke_off`,{name:e})}understood({transcript:e,reply:t,kind:n}){return x`${I(F.done)}
      <div>
        <b
          >${e?this.t(`review.understood`,{text:e}):this.t(n===`false_wake`?`first.nothing_understood`:`recordings.no_transcript`)}</b
        >
        ${t?x`<p class="muted-text" dir="auto">${t}</p>`:C}
        <p class="muted-text">${this.t(`first.kept`)}</p>
      </div>`}};M([O()],H.prototype,`shown`,void 0),M([O()],H.prototype,`heard`,void 0),M([O()],H.prototype,`woke`,void 0),M([O()],H.prototype,`deaf`,void 0),P(`voice-privacy-first-run`,H);var xn=1e4;function Sn(e,t){let n=document.createElement(`a`);n.href=URL.createObjectURL(e),n.download=t,n.click(),setTimeout(()=>URL.revokeObjectURL(n.href),xn)}async function Cn(e,{id:t,started_at:n}){Sn(await(await e.fetch(`recordings/${t}/audio?download`)).blob(),`voice-privacy-${n.slice(0,19).replaceAll(`:`,`-`)}.wav`)}async function wn(e,t,n){Sn(await(await e.fetch(`archive?${new URLSearchParams({recording_ids:t.join(`,`)})}`)).blob(),`voice-privacy-${n}.zip`)}var U=class extends N{constructor(...e){super(...e),this.first=``,this.last=``,this.satellite=``}static{this.styles=[L,Bt]}async open(){this.mode=`menu`,this.satellite=``,this.progress=this.message=void 0,await this.updateComplete,this.dialog.showModal()}get dialog(){return this.renderRoot.querySelector(`dialog`)}ask(e){this.dialog.close(),this.emit(`vp-delete`,e)}range(){let e=this.texts.startOfDay(this.first),t=this.texts.startOfDay(this.last,1),n=this.house.today,[r,i]=[this.texts.day(this.first,n),this.texts.day(this.last,n)],a=this.first===this.last?this.t(`delete.title_day`,{day:r}):this.t(`delete.title_range`,{first:r,last:i}),o=this.satellite?{satellite_ids:[this.satellite]}:{};this.ask({title:a,request:{scope:`range`,start:e,end:t,...o},typed:!0})}begin(e){this.mode=e,this.first=this.last=e===`range`?this.house.today:``}daysAgo(e){let[t,n,r]=this.house.today.split(`-`).map(Number);return new Date(Date.UTC(t,n-1,r-e)).toISOString().slice(0,10)}presets(e){let{today:t}=this.house,n=this.daysAgo(1),r=[[`only_today`,t,t],[`yesterday`,n,n],[`week`,this.daysAgo(6),t],[`month`,this.daysAgo(29),t],...e===`export`?[[`everything`,``,``]]:[]];return x`<div class="presets" role="group" aria-label=${this.t(`manage.days`)}>
      ${r.map(([e,t,n])=>x`<button
            class="button"
            aria-pressed=${this.first===t&&this.last===n}
            @click=${()=>{this.first=t,this.last=n}}
          >
            ${this.t(`manage.${e}`)}
          </button>`)}
    </div>`}rooms(){let{satellites:e}=this.state;return e.length<2?C:x`<label class="wide"
      >${this.t(`recordings.satellite`)}<select
        class="field"
        @change=${e=>this.satellite=e.target.value}
      >
        <option value="">${this.t(`recordings.all_satellites`)}</option>
        ${e.map(({id:e,name:t})=>x`<option value=${e} ?selected=${e===this.satellite}>${t}</option>`)}
      </select></label
    >`}async export(){this.progress=0,this.message=void 0,this.abort=new AbortController;try{let e=new URLSearchParams;this.first&&e.set(`first_day`,this.first),this.last&&e.set(`last_day`,this.last),this.satellite&&e.set(`satellite_id`,this.satellite);let t=await this.connection.fetch(`archive?${e}`),n=Number(t.headers.get(`X-Expected-Size`))||1,r=[],i=t.body.getReader();this.abort.signal.addEventListener(`abort`,()=>void i.cancel());let a=0;for(;;){let{done:e,value:t}=await i.read();if(e)break;r.push(t),a+=t.length,this.progress=Math.min(.99,a/n)}if(this.abort.signal.aborted)return;Sn(new Blob(r,{type:`application/zip`}),`voice-privacy-${[this.first,this.last].filter(Boolean).join(`-`)||this.house.today}.zip`),this.message=this.t(`export.done`,{size:this.texts.size(a)})}catch(e){this.message=this.texts.error(j(e).code)}finally{this.progress=void 0}}closed(){this.abort?.abort(),this.mode=void 0}render(){return x`<dialog
      aria-labelledby="title"
      @close=${this.closed}
      @keydown=${e=>e.stopPropagation()}
    >
      ${this.mode?x`<div class="dialog">${this.mode===`menu`?this.menu():this.form(this.mode)}</div>`:``}
    </dialog>`}menu(){let{permissions:e,satellites:t}=this.state,n=t.map(e=>e.id),r=e.admin?void 0:n.filter(t=>e.control.includes(t)),i=r?{satellite_ids:r}:{},a=e.admin||!!r?.length,o=(e,t,n)=>x`<button class="choice" id="manage-${e}" @click=${n}>
        ${I(t)}<span
          ><strong>${this.t(`manage.${e}`)}</strong><small>${this.t(`manage.${e}_detail`)}</small></span
        >
      </button>`;return x`<h2 id="title">${this.t(`manage.title`)}</h2>
      ${a?x`${o(`last`,F.deleted,()=>this.ask({title:this.t(`delete.title_last`),request:{scope:`last`,...i}}))}
            ${o(`today`,F.deleted,()=>this.ask({title:this.t(`delete.title_today`),request:{scope:`today`,...i}}))}
            ${o(`false_wakes`,F.deleted,()=>this.ask({title:this.t(`delete.title_false_wakes`),request:{scope:`false_wakes`,...i}}))}`:x`<p>${this.t(`manage.nothing_allowed`)}</p>`}
      ${e.admin?x`${o(`range`,F.deleted,()=>this.begin(`range`))}
            ${o(`all`,F.alert,()=>this.ask({title:this.t(`delete.title_all`),request:{scope:`all`},typed:!0}))}
            ${o(`export`,F.archive,()=>this.begin(`export`))}`:x`<p class="note">${I(F.lock)}<span>${this.t(`manage.owner_only`)}</span></p>`}
      <div class="actions">
        <button class="button" @click=${()=>this.dialog.close()}>${this.t(`common.cancel`)}</button>
      </div>`}form(e){let{first:t,last:n}=this,r=!!t&&!!n&&t>n,i=!r&&(e===`export`||t&&n);return x`<h2 id="title">${this.t(`manage.${e}`)}</h2>
      <p class="muted-text">${this.t(e===`range`?`manage.range_about`:`export.about`)}</p>
      ${this.presets(e)}
      <div class="fields">
        <label
          >${this.t(`recordings.from`)}<input
            class="field"
            type="date"
            .value=${this.first}
            @change=${e=>this.first=e.target.value}
        /></label>
        <label
          >${this.t(`recordings.to`)}<input
            class="field"
            type="date"
            .value=${this.last}
            @change=${e=>this.last=e.target.value}
        /></label>
        ${this.rooms()}
      </div>
      ${r?x`<p class="note warn" role="alert">${I(F.alert)}<span>${this.t(`manage.reversed`)}</span></p>`:C}
      ${this.progress===void 0?``:x`<div
              class="bar"
              role="progressbar"
              aria-label=${this.t(`export.working`)}
              aria-valuenow=${Math.round(this.progress*100)}
            >
              <i style="width:${this.progress*100}%"></i>
            </div>`}
      ${this.message?x`<p role="status">${this.message}</p>`:``}
      <div class="actions">
        <button class="button" @click=${()=>this.dialog.close()}>
          ${this.t(this.message?`common.close`:`common.cancel`)}
        </button>
        ${e===`range`?x`<button class="button danger" ?disabled=${!i} @click=${this.range}>
                ${this.t(`common.next`)}
              </button>`:x`<button
                class="button"
                id="export"
                ?disabled=${!i||this.progress!==void 0}
                @click=${()=>void this.export()}
              >
                ${I(F.archive)}${this.t(`export.button`)}
              </button>`}
      </div>`}};M([O()],U.prototype,`mode`,void 0),M([O()],U.prototype,`first`,void 0),M([O()],U.prototype,`last`,void 0),M([O()],U.prototype,`satellite`,void 0),M([O()],U.prototype,`progress`,void 0),M([O()],U.prototype,`message`,void 0),P(`voice-privacy-manage`,U);var Tn=o` grid-template-columns: minmax(150px, 2fr) minmax(80px, 1fr) 64px 88px 88px 142px minmax(90px, 1fr) 80px 48px; gap: 12px; align-items: center; `,En=o` :host { display: block; container-type: inline-size; } .head { display: grid; grid-template-columns: 1fr auto 48px; gap: 12px; align-items: center; padding: 12px 8px 12px 16px; } .who { display: flex; align-items: center; gap: 14px; min-width: 0; } .who > div { min-width: 0; overflow-wrap: anywhere; } .badge { width: 44px; height: 44px; } .badge .icon { width: 24px; height: 24px; } h2 { font-size: 16px; font-weight: 500; margin: 0; } .state { flex-wrap: wrap; white-space: normal; font-weight: 400; color: var(--secondary-text-color); } .cells { grid-column: 1 / -1; grid-row: 2; display: grid; grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)); gap: 12px 16px; padding-inline-end: 8px; } .cell { min-width: 0; overflow-wrap: anywhere; } .label { display: block; font-size: 12px; color: var(--secondary-text-color); } .yes { display: inline-flex; align-items: center; gap: 4px; color: var(--secondary-text-color); } .yes.on { color: var(--primary-text-color); } .yes.on .icon { color: var(--vp-good-text); } .yes .icon { width: 18px; height: 18px; } .chart { display: flex; align-items: center; gap: 10px; font-weight: 500; line-height: 1.15; } .chart small { display: block; font-size: 12px; font-weight: 400; white-space: nowrap; color: var(--secondary-text-color); } .spark { width: 72px; height: 28px; flex: none; border-bottom: 1px solid var(--vp-line); } .spark:dir(rtl) { transform: scaleX(-1); } .spark .woke { fill: var(--vp-accent); } .spark .false { fill: var(--vp-warn-text); } .spark .none { fill: var(--secondary-text-color); opacity: 0.5; } .mic { display: grid; justify-items: center; align-content: center; gap: 2px; min-width: 48px; min-height: 48px; font-size: 12px; color: var(--secondary-text-color); cursor: pointer; } .more { width: 48px; height: 48px; } .more .icon { width: 24px; height: 24px; transition: transform 150ms; } .more[aria-expanded="true"] .icon { transform: rotate(180deg); } .detail { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr)); gap: 8px 40px; padding: 4px 20px 20px; border-top: 1px solid var(--vp-line); background: color-mix(in srgb, var(--primary-text-color) 3%, transparent); } .about { padding-top: 14px; } dl { margin: 16px 0; display: grid; grid-template-columns: auto 1fr; gap: 8px 16px; } dt { color: var(--secondary-text-color); } dd { margin: 0; text-align: end; font-weight: 500; } .size { white-space: nowrap; } .score { display: inline-block; width: 72px; height: 6px; margin-inline-end: 8px; vertical-align: middle; border-radius: 3px; position: relative; background: color-mix(in srgb, var(--primary-text-color) 14%, transparent); } .score i { position: absolute; inset-block: 0; inset-inline-start: 0; border-radius: 3px; background: var(--vp-accent); } .score b { position: absolute; inset-block: -3px; width: 2px; background: var(--primary-text-color); } .talk, #choose-pipeline { min-height: 48px; margin-top: 16px; height: auto; overflow-wrap: anywhere; } @container (min-width: 940px) { .head { ${Tn} padding: 8px 12px 8px 16px; } .cells { display: contents; } .cell .label, .mic span:not(.sr) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; } } `,Dn=o` :host { container-type: inline-size; display: grid; gap: 16px; } .columns { display: none; color: var(--secondary-text-color); font-size: 13px; } ul { list-style: none; margin: 0; padding: 0; } li + li { border-top: 1px solid var(--vp-line); } .foot { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 12px; } @container (min-width: 940px) { .columns { display: grid; padding: 0 13px 0 17px; margin-bottom: -8px; ${Tn} } .columns div { display: contents; } } `,On=class{constructor(e){this.host=e,e.addController(this)}hostConnected(){this.timer=setInterval(()=>{(this.host.connection.state?.satellites??[]).some(e=>e.state===`recording`)&&this.host.requestUpdate()},500)}hostDisconnected(){clearInterval(this.timer)}},kn=28,An=8,jn=6;function Mn(e){return e.reduce((e,t)=>e+(t??0),0)}function Nn({wakes:e,false_wakes:t},n){let r=Math.max(1,...e.map((e,n)=>Math.max(e??0,t[n]??0))),i=e=>e?Math.max(2,e/r*26):0;return x`<svg
    class="spark"
    role="img"
    aria-label=${n}
    viewBox="0 0 ${e.length*An} ${kn}"
    preserveAspectRatio="none"
  >
    ${e.map((e,n)=>{let r=n*An+1;if(e===null)return Te`<rect class="none" x=${r+2} y=${26} width="2" height="2"></rect>`;let a=Math.min(t[n]??0,Math.max(e,t[n]??0)),o=i(Math.max(e,a));return Te`<rect class="woke" x=${r} y=${kn-o} width=${jn} height=${o}></rect>
        <rect class="false" x=${r} y=${kn-i(a)} width=${jn} height=${i(a)}></rect>`})}
  </svg>`}var Pn=o` :host { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(380px, 100%), 1fr)); align-items: start; } .card { padding: 20px; } h2 { font-size: 17px; font-weight: 500; margin-bottom: 4px; } .toggle { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: flex-start; padding: 14px 0; } .toggle + .toggle { border-top: 1px solid var(--vp-line); } .toggle label { flex: 1 1 170px; min-width: 0; overflow-wrap: anywhere; hyphens: auto; cursor: pointer; } .toggle strong { display: block; font-weight: 500; font-size: 15px; } .toggle small { display: block; margin-top: 4px; font-size: 12px; color: var(--secondary-text-color); } .figures { display: flex; flex-wrap: wrap; gap: 8px 32px; margin: 12px 0 16px; } .figures b { display: block; font-size: 26px; font-weight: 400; line-height: 1.2; } .toggle .field { flex: none; max-width: min(100%, 180px); } fieldset { margin: 0; border: none; min-width: 0; } fieldset.toggle { display: block; padding: 8px 0 14px; } fieldset + .toggle { border-top: 1px solid var(--vp-line); } legend { padding: 0; } .toggle .choice { display: flex; align-items: center; gap: 12px; min-height: 48px; overflow-wrap: anywhere; } .toggle .folder { flex: 0 1 260px; max-width: 100%; min-height: 48px; } .note.wide { flex-basis: 100%; } .limit { width: 110px; text-align: end; } .wide { grid-column: 1 / -1; } .rooms { container-type: inline-size; } .stack { display: grid; gap: 16px; } .rooms dl { columns: 320px 2; column-gap: 32px; margin: 8px 0 16px; } .rooms dt { font-weight: 500; color: var(--primary-text-color); } .rooms dt { break-after: avoid; } .rooms dd { margin: 0 0 8px; break-inside: avoid; } table { width: 100%; border-collapse: collapse; } th { font-weight: 500; text-align: start; } thead th { font-size: 13px; color: var(--secondary-text-color); padding: 8px 16px 8px 0; } tbody tr { border-top: 1px solid var(--vp-line); } tbody th, tbody td { padding: 10px 0; padding-inline-end: 16px; overflow-wrap: anywhere; } td .label { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; } .pair { display: inline-flex; align-items: center; gap: 8px; } td input { display: block; } @container (max-width: 720px) { table, tbody, tr, th[scope="row"], tbody td { display: block; } thead { display: none; } tbody tr { padding: 12px 0; } tbody th { padding: 4px 0; font-size: 15px; } tbody td { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 4px 16px; min-height: 48px; padding: 4px 0; } tbody td:empty { display: none; } td .label { position: static; width: auto; height: auto; clip-path: none; white-space: normal; } } .row { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 16px; } `;function Fn({toggles:e,is_scored:t}){return e.save_near_misses!==void 0&&(!!t||e.save_near_misses.on)}var In=class extends N{async set(e,t,n){let r={toggle:e,on:t,...n?{satellite_ids:n}:{}},{taken_out:i}=await this.connection.call(`settings/set`,r);e!==`help_improve`||t||this.notify(this.t(`consent.help_improve_off`,{count:this.texts.number(i)}))}keep(e,t,n,r,i){let a=`${e}-${i?.id??`house`}`;return x`${this.setting(a,this.t(`retention.${e}`),this.t(`retention.${e}_detail`),i?void 0:r,this.periods(e,t,n,i),i)}
    ${this.questionOf(a)}`}periods(e,t,n,r,i){let a=`${e}-${r?.id??`house`}`,o=this.pending?.key===a?this.pending:void 0;return x`<select
      class="field"
      id=${a}
      aria-labelledby=${i??`${a}-name`}
      aria-describedby=${i?`${e}-about`:`${a}-about`}
      ?disabled=${!this.admin}
      .value=${o?String(o.value):n}
      @change=${t=>{let i=t.target;this.chosen(i,n,this.choose(e,i.value,r))}}
    >
      ${t.map(e=>x`<option value=${e} ?selected=${e===(o?.value??n)}>
            ${this.t(e===`as_others`&&!r?`retention.as_recordings`:`retention.${e}`)}
          </option>`)}
    </select>`}questionOf(e){let t=this.pending;if(t?.key!==e)return``;let{preview:n}=t;return x`<div class="note warn" role="alert">
      ${I(F.alert)}
      <div>
        <p>
          ${this.t(e.startsWith(`keep_transcripts`)?`retention.would_forget`:`retention.would_go`,{recordings:this.texts.count(`recordings`,n.count),size:this.texts.size(n.size??0)})}
        </p>
        <div class="row">
          <button class="button" @click=${()=>this.pending=void 0}>${this.t(`common.cancel`)}</button>
          <button class="button danger" id="apply-retention" @click=${()=>void this.apply(t)}>
            ${this.t(`retention.apply`)}
          </button>
        </div>
      </div>
    </div>`}async chosen(e,t,n){await n||(e.value=String(t))}async choose(e,t,n){let r={setting:e,value:t,...n?{satellite_id:n.id}:{}};return this.pending=void 0,await this.attempt(async()=>{let i=await this.connection.call(`retention/preview`,r),a={key:e===`storage_limit`?e:`${e}-${n?.id??`house`}`,value:t,fields:r,preview:i};i.count?this.pending=a:await this.apply(a)})}async apply({fields:e}){this.pending=void 0,await this.attempt(async()=>{await this.connection.call(`retention/set`,e),this.notify(this.t(`retention.chosen`))})}toggle(e,t,n,r){return this.setting(`${e}-${r?.id??`house`}`,this.t(`consent.${e}`),this.t(`consent.${e}_${r&&e===`help_improve`?`one_detail`:`detail`}`),t.changed,this.switch(e,t.on,n,r?.id??`house`,r&&[r.id]),r)}nearMisses(e){let{save_near_misses:t}=e.toggles;return t&&Fn(e)?this.toggle(`save_near_misses`,t,this.admin,e):this.setting(`save_near_misses-${e.id}`,this.t(`consent.save_near_misses`),this.t(`consent.save_near_misses_unavailable`),void 0,x``,e)}switch(e,t,n,r,i,a){let o=`${e}-${r}`;return x`<input
      type="checkbox"
      role="switch"
      id=${o}
      aria-labelledby=${a??`${o}-name`}
      aria-describedby=${a?`${e}-about`:`${o}-about`}
      ?disabled=${!n}
      .checked=${t}
      @change=${t=>void this.turn(t,t=>this.set(e,t,i))}
    />`}setting(e,t,n,r,i,a){return x`<div class="toggle">
      <label for=${e}
        ><strong id="${e}-name">${t}${a?x`<span class="sr"> ${a.name}</span>`:``}</strong>
        <span id="${e}-about"
          ><span class="muted-text">${n}</span>${r===void 0?``:x`<small>${this.changed(r)}</small>`}</span
        ></label
      >
      ${i}
    </div>`}changed(e){if(!e)return this.t(`consent.unchanged`);let t=e.user??this.t(`who.${e.by}`);return this.t(`consent.changed`,{time:this.texts.dateTime(e.when),who:t})}};M([O()],In.prototype,`pending`,void 0);var Ln=o` .threshold { display: grid; grid-template-columns: 1fr auto; gap: 4px 16px; align-items: center; } bdi { font-weight: 500; } input, p, .row { grid-column: 1 / -1; } .slider { height: 48px; } .row { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; } `,Rn=o` :host { display: grid; gap: 16px; } .card { padding: 20px; } .card.empty { padding: 48px 20px; } h2 { font-size: 17px; font-weight: 500; margin-bottom: 4px; } ul { list-style: none; margin: 12px 0 0; padding: 0; } li { padding: 14px 0; border-top: 1px solid var(--vp-line); } .row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; } li .row + .row { margin-top: 10px; } .row .grow { flex: 1; min-width: 150px; } .button[aria-pressed="true"] { background: var(--vp-tint); border-color: var(--vp-accent); } .id { font-family: var(--ha-font-family-code, monospace); } .note { margin: 10px 0 0; } input[type="range"] { display: block; width: 100%; max-width: 420px; min-height: 32px; accent-color: var(--vp-accent); } .verifier { margin-top: 16px; } table { margin-top: 16px; border-collapse: collapse; } caption { text-align: start; font-weight: 500; } th { font-weight: 400; text-align: start; color: var(--secondary-text-color); } th, td { padding: 6px 0; padding-inline-end: 24px; } `,zn=.5,Bn=class extends N{constructor(...e){super(...e),this.tried={}}static{this.styles=[L,Rn]}render(){let e=this.state.satellites.filter(({id:e})=>this.answer.satellites[e]),t=this.house.toggles.guest_mode.on;return x`<section class="card" id="scores">
      <h2>${this.t(`review.scores`)}</h2>
      <p class="muted-text">${this.t(`review.scores_detail`)}</p>
      ${t||!e.length?x`<p class="note"><span>${this.t(t?`review.scores_guest`:`review.scores_none`)}</span></p>`:C}
      ${e.length?x`<ul>
              ${e.map(e=>this.replay(e))}
            </ul>`:C}
    </section>`}replay({id:e,name:t,wake_words:n}){let{thresholds:r,satellites:i}=this.answer,a=this.tried[e]??n[0]?.threshold??zn,o=Vn(r,a),s=i[e];return x`<li>
      <label for="score-${e}"><bdi>${t}</bdi></label>
      <input
        type="range"
        class="slider"
        id="score-${e}"
        min=${r[0]}
        max=${r.at(-1)}
        step="0.01"
        .value=${String(a)}
        @input=${t=>this.tried={...this.tried,[e]:Number(t.target.value)}}
      />
      <p role="status">
        ${this.t(`review.replay`,{threshold:`\u2068${this.texts.percent(r[o])}\u2069`,avoided:this.texts.number(s.avoided[o]),missed:this.texts.number(s.missed[o]),unknown:this.texts.number(s.unknown[o])})}
      </p>
    </li>`}};M([D({attribute:!1})],Bn.prototype,`answer`,void 0),M([O()],Bn.prototype,`tried`,void 0);function Vn(e,t){return e.reduce((n,r,i)=>Math.abs(r-t)<Math.abs(e[n]-t)?i:n,0)}P(`voice-privacy-scores`,Bn);var Hn=class extends N{constructor(...e){super(...e),this.scores={}}static{this.styles=[L,Ln]}get threshold(){return this.satellite.wake_words[0].threshold}async apply(e,t){let{id:n}=this.satellite,r=await this.attempt(()=>this.connection.call(`microphones/set_threshold`,{satellite_id:n,threshold:e}));this.asked=void 0,r&&(this.previous=t,this.notify(this.t(`retention.chosen`)))}render(){let{threshold:e,previous:t,satellite:n}=this,r=this.asked??e,i=r!==e,a=`threshold-${n.id}`,o=e=>Number(e.target.value)/100;return x`<div class="threshold">
      <label for=${a}>${this.t(`microphones.threshold`)}<span class="sr"> ${n.name}</span></label>
      <bdi aria-hidden="true">${this.texts.percent(r)}</bdi>
      <input
        type="range"
        class="slider"
        id=${a}
        min=${Ye*100}
        max=${Je*100}
        step="5"
        aria-describedby="about-${a}"
        aria-valuetext=${this.texts.percent(r)}
        ?disabled=${!this.admin}
        .value=${String(Math.round(r*100))}
        @input=${e=>this.asked=o(e)}
        @change=${e=>this.asked=o(e)}
      />
      <p id="about-${a}" class="muted-text" role="status">
        ${i?this.replay(r):this.t(`microphones.threshold_detail`)}
      </p>
      ${i?x`<div class="row">
              <button class="button" data-undo @click=${()=>this.asked=void 0}>
                ${this.t(`common.cancel`)}
              </button>
              <button class="button primary" data-apply @click=${()=>void this.apply(r,e)}>
                ${this.t(`rooms.apply_threshold`,{threshold:this.texts.percent(r)})}
              </button>
            </div>`:t!==void 0&&t!==e&&this.admin?x`<div class="row">
                <button class="button" data-undo @click=${()=>void this.apply(t)}>
                  ${this.t(`rooms.undo_threshold`,{threshold:this.texts.percent(t)})}
                </button>
              </div>`:C}
    </div>`}replay(e){let{thresholds:t,satellites:n}=this.scores,r=n?.[this.satellite.id];if(!r||!t)return this.t(`rooms.no_scores`);let i=Vn(t,e);return this.t(`review.replay`,{threshold:`\u2068${this.texts.percent(t[i])}\u2069`,avoided:this.texts.number(r.avoided[i]),missed:this.texts.number(r.missed[i]),unknown:this.texts.number(r.unknown[i])})}};M([D({attribute:!1})],Hn.prototype,`satellite`,void 0),M([D({attribute:!1})],Hn.prototype,`scores`,void 0),M([O()],Hn.prototype,`asked`,void 0),M([O()],Hn.prototype,`previous`,void 0),P(`voice-privacy-threshold`,Hn);var Un=class extends In{static{this.styles=[L,Pn,En]}constructor(){super(),this.scores={},this.open=!1,new On(this)}mute(e){return this.connection.call(`settings/set`,{toggle:`muted`,on:e,satellite_ids:[this.satellite.id]})}async talk({id:e,name:t}){await this.attempt(async()=>{await this.connection.call(`microphones/press_to_talk`,{satellite_id:e}),this.notify(this.t(`microphones.speak_now`,{name:t}))})}choosePipeline(){return this.attempt(()=>this.connection.call(`satellites/choose_pipeline`,{satellite_id:this.satellite.id}))}render(){let{satellite:e,open:t}=this,{id:n,name:r,toggles:i,keep_recordings:a}=e,o=this.state.permissions.control.includes(n),s=hn(this.texts,e),c=z(e)&&en(this.house.toggles,e)===`recordings`;return x`<div class="head">
        <div class="who">
          ${V(e)}
          <div>
            <h2><bdi>${r}</bdi></h2>
            <span class="state" data-state=${e.state}
              >${cn(this.texts,this.connection,e)} ${s?x`<bdi>${s}</bdi>`:``}</span
            >
          </div>
        </div>
        <div class="cells">
          ${this.cell(`words`,`microphones.wake_words`,this.words(e))}
          ${this.cell(`saving`,`rooms.saving`,this.yes(c))}
          ${this.cell(`texts`,`rooms.transcripts`,this.yes(c&&i.save_transcripts.on))}
          ${this.cell(`keep`,`rooms.keep`,this.period(a))} ${this.wakes()}
          ${this.cell(`kept`,`microphones.kept`,this.kept(e))}
        </div>
        <label class="mic"
          ><input
            type="checkbox"
            role="switch"
            class="switch"
            ?disabled=${!o}
            .checked=${!i.muted.on}
            @change=${e=>void this.turn(e,e=>this.mute(!e))}
          /><span>${this.t(`microphones.microphone`)}</span><span class="sr"> ${r}</span></label
        >
        <button
          class="icon-button more"
          aria-expanded=${t}
          aria-controls="detail"
          aria-label=${this.t(`rooms.details`,{name:r})}
          @click=${()=>this.emit(`vp-open`)}
        >
          ${I(F.expand)}
        </button>
      </div>
      ${t?this.detail(e):C}`}cell(e,t,n){return x`<div class="cell ${e}"><span class="label">${this.t(t)}</span>${n}</div>`}yes(e){return x`<span class="yes ${e?`on`:``}"
      >${I(e?F.check:F.close)}${this.t(e?`strip.on`:`strip.off`)}</span
    >`}period(e){return this.t(`retention.${e===`as_others`?this.house.retention.keep_recordings:e}`)}words({wake_words:e,silence_reason:t}){return e.length?x`<span
      >${e.map((e,n)=>x`${n?`, `:``}<bdi>${e.phrase}</bdi>${e.available||t===`engine_unavailable`?``:x` <span class="muted-text">(${this.t(`microphones.no_model`)})</span>`}`)}</span
    >`:x`<span>${this.t(`microphones.own_wake_word`)}</span>`}kept(e){return x`<span>
      <bdi>${this.texts.count(`recordings`,e.recordings)}</bdi>
      ${e.size===null?C:x`<bdi class="size">${this.texts.size(e.size)}</bdi>`}
    </span>`}wakes(){let{figures:e}=this;if(!e)return this.cell(`wakes`,`rooms.wakes`,x`<span class="muted-text">–</span>`);let[t,n]=[Mn(e.wakes),Mn(e.false_wakes)],r={wakes:this.texts.number(t),false_wakes:this.texts.number(n)};return this.cell(`wakes`,`rooms.wakes`,x`<span class="chart"
        >${Nn(e,this.t(`rooms.wakes_detail`,r))}<span aria-hidden="true"
          >${r.wakes}<small>${this.t(`rooms.false`,r)}</small></span
        ></span
      >`)}detail(e){let{toggles:t,keep_recordings:n}=e,r=this.state.may.open_microphone.includes(e.id);return x`<section class="detail" id="detail" aria-label=${this.t(`rooms.details`,{name:e.name})}>
      <div>
        <p class="muted-text about">${mn(this.texts,this.connection,e)}</p>
        ${e.pipeline&&this.admin?x`<button class="button primary" id="choose-pipeline" @click=${()=>void this.choosePipeline()}>
                ${this.t(`rooms.choose_pipeline`,{pipeline:e.pipeline})}
              </button>`:C}
        <dl>
          <dt>${this.t(`microphones.last_wake`)}</dt>
          <dd>${this.lastWake(e)}</dd>
          <dt>${this.t(`microphones.wakes_today`)}</dt>
          <dd>${this.texts.number(e.wakes_today)}</dd>
          <dt>${this.t(`microphones.false_wakes_today`)}</dt>
          <dd>${this.texts.number(e.false_wakes_today)}</dd>
          ${this.lost()}
        </dl>
        ${e.wake_words.length&&this.admin?x`<voice-privacy-threshold
                .connection=${this.connection}
                .texts=${this.texts}
                .satellite=${e}
                .scores=${this.scores}
              ></voice-privacy-threshold>`:C}
        ${r?x`<button
                class="button talk"
                ?disabled=${!fn(e)}
                @click=${()=>void this.talk(e)}
              >
                ${I(F.microphone)}${this.t(`microphones.press_to_talk`)}
              </button>`:C}
      </div>
      ${this.admin?x`<div>
              ${this.toggle(`save_recordings`,t.save_recordings,!0,e)}
              ${this.toggle(`save_transcripts`,t.save_transcripts,!0,e)}
              ${this.nearMisses(e)} ${this.toggle(`help_improve`,t.help_improve,!0,e)}
              ${this.keep(`keep_recordings`,Ke,n,null,e)}
            </div>`:C}
    </section>`}lost(){let e=this.figures?.lost;if(!e)return C;let[t,n]=e,r=this.texts.number(t/n,{style:`percent`,maximumFractionDigits:2});return x`<dt>${this.t(`rooms.lost`)}</dt>
      <dd>${r}</dd>`}lastWake(e){let t=e.last_wake;if(!t)return this.t(`microphones.not_yet`);let n=this.texts.time(t.when);return t.started_by===`button`?this.t(`microphones.by_button`,{time:n}):t.started_by===`conversation`?this.t(`microphones.by_question`,{time:n}):t.score===null?n:x`<span class="score" aria-hidden="true"
        ><i style="width:${t.score*100}%"></i><b style="inset-inline-start:${(t.threshold??0)*100}%"></b></span
      ><bdi>${this.texts.percent(t.score)}</bdi> · ${n}`}};M([D({attribute:!1})],Un.prototype,`satellite`,void 0),M([D({attribute:!1})],Un.prototype,`figures`,void 0),M([D({attribute:!1})],Un.prototype,`scores`,void 0),M([D({type:Boolean})],Un.prototype,`open`,void 0),P(`voice-privacy-room`,Un);var Wn=6e4,Gn=[`wake_words`,`saving`,`transcripts`,`keep`,`wakes`,`kept`],Kn=class extends N{constructor(...e){super(...e),this.figures={},this.scores={},this.opened={}}static{this.styles=[L,Dn]}connectedCallback(){super.connectedCallback(),this.load(),this.polling=setInterval(()=>!document.hidden&&void this.load(),Wn)}disconnectedCallback(){super.disconnectedCallback(),clearInterval(this.polling)}stateChanged(){super.stateChanged(),this.basis!==this.known&&this.load()}get basis(){let{satellites:e,house:t}=this.state;return[t.today,...e.map(e=>`${e.id} ${e.wakes_today} ${e.false_wakes_today}`)].join()}async load(){this.known=this.basis;try{this.figures=await this.connection.call(`microphones/figures`),this.admin&&(this.scores=await this.connection.call(`review/scores`))}catch{}}render(){let{satellites:e}=this.state;return x`<voice-privacy-unprotected
        .connection=${this.connection}
        .texts=${this.texts}
      ></voice-privacy-unprotected>
      ${e.length?this.table():this.none()}`}none(){return x`<div class="card empty">
      <span class="hero">${I(F.microphone)}</span>
      <h2>${this.t(`microphones.none`)}</h2>
      <p>${this.t(`microphones.none_detail`)}</p>
      ${this.admin?this.add():C}
    </div>`}add(){return x`<a class="button" href="/config/integrations/integration/voice_privacy"
      >${this.t(`microphones.add`)}</a
    >`}table(){let{satellites:e}=this.state,{load:t}=this.figures,n=e.length===1;return x`<div class="columns" aria-hidden="true">
        <span></span>
        <div>
          ${Gn.map(e=>{let t=e===`wake_words`||e===`kept`?`microphones.${e}`:`rooms.${e}`;return x`<span>${this.t(t)}</span>`})}
        </div>
        <span>${this.t(`microphones.microphone`)}</span><span></span>
      </div>
      <ul class="card">
        ${e.map(e=>{let t=this.opened[e.id]??n;return x`<li>
            <voice-privacy-room
              aria-label=${e.name}
              role="group"
              data-id=${e.id}
              .connection=${this.connection}
              .texts=${this.texts}
              .satellite=${e}
              .figures=${this.figures.satellites?.[e.id]}
              .scores=${this.scores}
              .open=${t}
              @vp-open=${()=>this.opened={...this.opened,[e.id]:!t}}
            ></voice-privacy-room>
          </li>`})}
      </ul>
      <div class="foot">
        ${typeof t==`number`?x`<p class="muted-text">${this.t(`rooms.load`,{share:this.texts.percent(t)})}</p>`:x`<span></span>`}
        ${this.admin?this.add():C}
      </div>`}};M([O()],Kn.prototype,`figures`,void 0),M([O()],Kn.prototype,`scores`,void 0),M([O()],Kn.prototype,`opened`,void 0),P(`voice-privacy-microphones`,Kn);var qn=o` :host { display: grid; gap: 24px; } #log, #review, #options { scroll-margin-top: calc(var(--vp-header-height, 112px) + 16px); } #log h2 { font-size: 20px; font-weight: 500; margin-bottom: 4px; } #log .muted-text { margin-bottom: 4px; } voice-privacy-log { margin-top: 12px; } summary { display: flex; align-items: center; gap: 16px; min-height: 64px; padding: 12px 20px; cursor: pointer; list-style: none; border-radius: var(--vp-radius); } summary::-webkit-details-marker { display: none; } summary::after { content: ""; width: 8px; height: 8px; margin-inline-start: auto; flex: none; border: solid var(--secondary-text-color); border-width: 0 2px 2px 0; transform: rotate(45deg); } details[open] > summary::after { transform: rotate(-135deg); } summary > .icon { width: 24px; height: 24px; color: var(--secondary-text-color); } summary h2 { font-size: 17px; font-weight: 500; } summary small { font-size: 13px; color: var(--secondary-text-color); } details > :not(summary) { margin: 0 20px 20px; } `;function Jn(e,{house:t,permissions:n}){return`${n.admin||!t.size?``:`≤ `}${e.size(t.size)}`}function Yn(e,{house:t,permissions:n}){let r=t.retention.storage_limit*1e6;if(!r||!n.admin)return C;let i=Math.min(1,t.size/r),a=e.get(`consent.of_limit`,{share:e.percent(i),limit:e.size(r)});return x`<p class="quota muted-text">
    <span class="bar" aria-hidden="true"><i style="width:${i*100}%"></i></span>${a}
  </p>`}var Xn=[`save_recordings`,`save_transcripts`,`save_near_misses`,`help_improve`];function Zn({toggles:e},t){return e[t]?.on??!1}P(`voice-privacy-consent`,class extends In{static{this.styles=[L,Pn]}render(){let{house:e,satellites:t,permissions:n,may:r}=this.state;return x`
      ${e.settings_lost?x`<div class="note warn wide" role="alert">
              ${I(F.alert)}<span>${this.t(`consent.settings_lost`)}</span>
            </div>`:``}
      <section class="card">
        <h2>${this.t(`consent.house`)}</h2>
        ${this.toggle(`guest_mode`,e.toggles.guest_mode,r.guest_mode)}
        ${this.toggle(`deletion_by_voice`,e.toggles.deletion_by_voice,n.admin)}
        ${this.toggle(`household_may_listen`,e.toggles.household_may_listen,n.admin)}
        ${this.toggle(`help_improve`,e.toggles.help_improve,n.admin)}
        ${n.admin?``:x`<p class="note">${I(F.lock)}<span>${this.t(`consent.owner_only`)}</span></p>`}
      </section>
      <div class="stack">${this.retention()} ${this.kept()}</div>
      ${t.length?this.rooms(t):``}
    `}kept(){let{house:e,permissions:t}=this.state;return x`<section class="card">
      <h2>${this.t(`consent.kept`)}</h2>
      <div class="figures">
        <span><b>${this.texts.number(e.recordings)}</b>${this.texts.noun(`recordings`,e.recordings)}</span>
        <span
          ><b><bdi>${Jn(this.texts,this.state)}</bdi></b
          >${this.t(`consent.on_disk`)}</span
        >
        <span><b>${this.texts.number(e.false_wakes)}</b>${this.texts.noun(`false_wakes`,e.false_wakes)}</span>
      </div>
      ${Yn(this.texts,this.state)}
      <p class="muted-text">${this.t(`consent.sealed`)}</p>
      ${t.admin&&e.recordings?x`<div class="row">
              <button class="button danger-quiet" id="delete-everything" @click=${this.everything}>
                ${I(F.deleted)}${this.t(`manage.all`)}
              </button>
            </div>`:``}
    </section>`}everything(){this.emit(`vp-delete`,{title:this.t(`delete.title_all`),request:{scope:`all`},typed:!0})}rooms(e){return x`<section class="card wide rooms">
      <h2 id="rooms-title">${this.t(`consent.rooms`)}</h2>
      <dl class="muted-text">
        ${Xn.map(e=>x`<dt>${this.t(`consent.${e}`)}</dt>
              <dd id="${e}-about">
                ${this.t(`consent.${e}_${e===`help_improve`?`one_detail`:`detail`}`)}
              </dd>`)}
        <dt>${this.t(`retention.keep_recordings`)}</dt>
        <dd id="keep_recordings-about">${this.t(`retention.keep_recordings_detail`)}</dd>
      </dl>
      <table aria-labelledby="rooms-title">
        <thead>
          <tr>
            <td></td>
            ${Xn.map(e=>x`<th scope="col" id="column-${e}">${this.t(`consent.${e}`)}</th>`)}
            <th scope="col" id="column-keep">${this.t(`retention.keep_recordings`)}</th>
          </tr>
        </thead>
        <tbody>
          ${e.length>1?this.everyRoom(e):``}
          ${e.map(e=>this.room(e))}
        </tbody>
      </table>
    </section>`}everyRoom(e){return x`<tr class="all">
      <th scope="row" id="all-rooms">${this.t(`consent.all_rooms`)}</th>
      ${Xn.map(t=>{let n=e.filter(e=>t!==`save_near_misses`||Fn(e)),r=n.map(({id:e})=>e),i=n.filter(e=>Zn(e,t)).length,a=this.t(`review.of`,{count:this.texts.number(i),all:this.texts.number(r.length)});return x`<td>
          <span class="label" aria-hidden="true">${this.t(`consent.${t}`)}</span>
          <span class="pair"
            >${this.switch(t,i>0&&i===r.length,this.admin&&i+r.length>0,`all`,r,`all-rooms column-${t}`)}<small
              >${a}</small
            ></span
          >
        </td>`})}
      <td></td>
    </tr>`}room(e){let{id:t,name:n,keep_recordings:r}=e,i=`keep_recordings-${t}`;return x`<tr>
        <th scope="row" id="room-${t}"><bdi>${n}</bdi></th>
        ${Xn.map(n=>x`<td>
              <span class="label" aria-hidden="true">${this.t(`consent.${n}`)}</span>
              ${n===`save_near_misses`&&!Fn(e)?x`<span id="${n}-${t}-about"
                      ><span aria-hidden="true">–</span
                      ><span class="sr">${this.t(`consent.save_near_misses_unavailable`)}</span></span
                    >`:this.switch(n,Zn(e,n),this.admin,t,[t],`room-${t} column-${n}`)}
            </td>`)}
        <td>
          <span class="label" aria-hidden="true">${this.t(`retention.keep_recordings`)}</span>
          ${this.periods(`keep_recordings`,Ke,r,e,`room-${t} column-keep`)}
        </td>
      </tr>
      ${this.pending?.key===i?x`<tr>
              <td colspan="6">${this.questionOf(i)}</td>
            </tr>`:``}`}retention(){let{retention:e}=this.house,{keep_recordings:t,keep_false_wakes:n,keep_transcripts:r,storage_limit:i,changed:a}=e;return x`<section class="card">
      <h2>${this.t(`retention.title`)}</h2>
      ${this.keep(`keep_recordings`,Ge,t,a.keep_recordings)}
      ${this.keep(`keep_false_wakes`,We,n,a.keep_false_wakes)}
      ${this.keep(`keep_transcripts`,qe,r,a.keep_transcripts)}
      ${this.setting(`storage_limit`,this.t(`retention.storage_limit`),this.t(`retention.storage_limit_detail`),a.storage_limit,x`<input
          class="field limit"
          id="storage_limit"
          aria-labelledby="storage_limit-name"
          aria-describedby="storage_limit-about"
          type="number"
          min="0"
          max="1000000"
          ?disabled=${!this.admin}
          .value=${String((this.pending?.key===`storage_limit`?this.pending.value:i)||``)}
          @change=${e=>{let t=e.target,n=Math.max(0,Math.round(Number(t.value)));this.chosen(t,i,this.choose(`storage_limit`,n))}}
        />`)}
      ${this.questionOf(`storage_limit`)}
      <p class="note">${I(F.clock)}<span>${this.t(`retention.how`)}</span></p>
    </section>`}});var Qn=o` :host { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(380px, 100%), 1fr)); align-items: start; } .card { padding: 20px; } h2 { font-size: 17px; font-weight: 500; margin-bottom: 8px; } ul { list-style: none; margin: 0 0 12px; padding: 0; } li { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 14px; min-height: 56px; padding: 8px 0; } li + li { border-top: 1px solid var(--vp-line); } li > span:not(.badge, .count) { flex: 1 1 140px; min-width: 0; overflow-wrap: anywhere; } b { display: block; font-weight: 500; } small { color: var(--secondary-text-color); font-size: 13px; } .said li { min-height: 44px; font-size: 15px; } .said li::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: var(--vp-accent); } `,$n={guest_mode:`household.guest_mode`,saving_off:`household.saving_off`,unprotected:`household.unprotected`};P(`voice-privacy-household`,class extends N{static{this.styles=[L,Qn]}render(){let{satellites:e,house:t}=this.state,n=t.toggles.household_may_listen.on;return x`<section class="card" aria-labelledby="kept-title">
        <h2 id="kept-title">${this.t(`household.kept`)}</h2>
        <ul>
          ${e.map(e=>{let n=z(e)?en(t.toggles,e):`unprotected`;return x`<li data-id=${e.id}>
              ${V(e)}
              <span
                ><b><bdi>${e.name}</bdi></b
                ><small
                  >${n===`recordings`?this.period(e.keep_recordings):this.t($n[n])}</small
                ></span
              >
              <span class="count">${this.texts.count(`recordings`,e.recordings)}</span>
            </li>`})}
        </ul>
        <p class="note">
          ${I(n?F.listened:F.lock)}<span
            >${this.t(n?`household.all_listen`:`household.owners_listen`)}</span
          >
        </p>
      </section>
      <section class="card" aria-labelledby="say-title">
        <h2 id="say-title">${this.t(`household.say`)}</h2>
        ${t.toggles.deletion_by_voice.on?x`<ul class="said">
                <li>${this.t(`household.say_last`)}</li>
                <li>${this.t(`household.say_today`)}</li>
                <li>${this.t(`household.say_mute`)}</li>
                <li>${this.t(`household.say_guests`)}</li>
              </ul>`:x`<ul class="said">
                  <li>${this.t(`household.say_mute`)}</li>
                  <li>${this.t(`household.say_guests`)}</li>
                </ul>
                <p class="muted-text">${this.t(`household.say_off`)}</p>`}
      </section>`}period(e){let t=e===`as_others`?this.house.retention.keep_recordings:e;return t===`until_deleted`?this.t(`household.until_deleted`):this.t(`household.kept_for`,{period:this.t(`retention.${t}`)})}});var er=o` :host { container-type: inline-size; } .filters { display: flex; flex-wrap: wrap; gap: 8px; margin-bottom: 16px; } @media (pointer: fine) { .filters .button { min-height: 36px; } } .filters .button[aria-pressed="true"] { background: var(--vp-tint); border-color: var(--vp-accent); } h2 { font-size: 15px; font-weight: 500; padding: 16px 4px 8px; } ul { list-style: none; margin: 0; padding: 4px 0; } li { display: grid; grid-template-columns: 40px minmax(0, 1fr) auto; gap: 0 14px; align-items: center; padding: 10px 16px; overflow-wrap: anywhere; } @container (max-width: 519px) { li { grid-template-columns: 40px minmax(0, 1fr); } .disc { grid-row: span 2; } time { font-size: 13px; } } li + li { border-top: 1px solid var(--vp-line); } .disc { width: 40px; height: 40px; border-radius: 12px; display: grid; place-items: center; background: color-mix(in srgb, var(--primary-text-color) 7%, transparent); } .disc.deleted { color: var(--vp-danger-text); } .disc.changed { color: var(--vp-warn-text); } .who { font-weight: 500; } .more { display: flex; justify-content: center; padding: 16px; } `,tr=1e4,nr={changed:F.toggle,deleted:F.deleted,exported:F.archive,listed:F.listed,listened:F.listened,microphone_opened:F.microphone,reviewed:F.reviewed,taken_out:F.takenOut,wake_word_tested:F.microphone},rr=class extends N{constructor(...e){super(...e),this.more=!1,this.deed=null,this.whole=!1}static{this.styles=[L,er]}connectedCallback(){super.connectedCallback(),this.load(0),this.polling=setInterval(()=>void this.refresh(),tr)}disconnectedCallback(){super.disconnectedCallback(),clearInterval(this.polling)}stateChanged(){super.stateChanged(),this.admin!==this.whole&&(this.entries=void 0),this.refresh()}async refresh(){!document.hidden&&(this.entries?.length??0)<=100&&await this.load(0)}async load(e){let t=this.deed;this.whole=this.admin;let n=this.whole?`access_log`:`access_log/rooms`;if(this.readable)try{let r=await this.connection.call(n,{offset:e,deed:t});if(t!==this.deed)return;this.entries=[...e?this.entries??[]:[],...r.entries],this.more=r.more,this.failure=void 0}catch(e){this.failure=j(e)}}get readable(){return this.admin||this.state.permissions.control.length>0}choose(e){this.deed=e,this.entries=void 0,this.load(0)}render(){return this.readable?x`<div class="filters" role="group" aria-label=${this.t(`log.filter`)}>
        ${[null,...Xe].map(e=>x`<button class="button" aria-pressed=${this.deed===e} @click=${()=>this.choose(e)}>
              ${e?I(nr[e]):``}${this.t(e?`log.filter_${e}`:`log.filter_all`)}
            </button>`)}
      </div>
      ${this.failure?x`<p class="note warn" role="alert">${I(F.alert)}${this.texts.error(this.failure.code)}</p>`:``}
      ${this.entries&&!this.entries.length?x`<div class="card empty">
              <span class="hero">${I(F.history)}</span>
              <h2>${this.t(`log.empty`)}</h2>
            </div>`:this.days().map(([e,t])=>x`<h2>${this.texts.day(e,this.house.today)}</h2>
                  <ul class="card">
                    ${t.map(e=>this.entry(e))}
                  </ul>`)}
      ${this.more?x`<div class="more">
              <button class="button" @click=${()=>void this.load(this.entries.length)}>${this.t(`log.more`)}</button>
            </div>`:``}`:x`<div class="card empty">
        <span class="hero">${I(F.lock)}</span>
        <h2>${this.t(`log.owner_only`)}</h2>
        <p>${this.t(`log.owner_only_detail`)}</p>
      </div>`}days(){let e=/* @__PURE__ */ new Map;for(let t of this.entries??[]){let n=this.texts.isoDay(t.until),r=e.get(n);r?r.push(t):e.set(n,[t])}return[...e]}entry(e){let t=e.by===`voice`&&e.satellite_id?this.satellite(e.satellite_id):``,n=e.user??this.t(t?`who.voice_in`:`who.${e.by}`,{room:t}),[r,i]=[this.texts.time(e.when),this.texts.time(e.until)];return x`<li>
      <span class="disc ${e.deed}">${I(nr[e.deed])}</span>
      <span
        ><span class="who"><bdi>${n}</bdi></span>
        <span>${this.what(e)}</span>
        ${e.times>1?x`<span class="muted-text">· <bdi>× ${this.texts.number(e.times)}</bdi></span>`:``}</span
      >
      <time class="muted-text" datetime=${e.until}>${r===i?i:x`${r} – ${i}`}</time>
    </li>`}satellite(e){return this.connection.nameOf(e)??this.t(`common.removed_satellite`)}what(e){let t=this.texts.count(`recordings`,e.count);return e.deed===`changed`?ir(this.texts,this.connection,e):e.deed===`microphone_opened`||e.deed===`wake_word_tested`?this.t(`log.${e.deed}`,{satellite:this.satellite(e.subject??``)}):e.deed===`listed`&&e.subject===`search`?this.t(`log.searched`,{recordings:t}):e.deed===`deleted`&&e.subject===`transcripts`?this.t(`log.forgot`,{recordings:t}):e.deed===`deleted`&&e.subject&&e.by!==`retention`?this.t(`log.deleted`,{recordings:t,scope:this.t(`scope.${e.subject}`)}):this.t(e.deed===`deleted`?`log.went`:`log.${e.deed}`,{recordings:t})}};M([O()],rr.prototype,`entries`,void 0),M([O()],rr.prototype,`more`,void 0),M([O()],rr.prototype,`deed`,void 0),M([O()],rr.prototype,`failure`,void 0);function ir(e,t,{subject:n,value:r}){let[i,a]=(n??``).split(`.`),o=a??i,s=e.get(`toggle.${o}`)||(n??``),c=a?t.nameOf(i)??e.get(`common.removed_satellite`):``,l=c?`${s} (${c})`:s;if(r===`on`||r===`off`)return o===`muted`?e.get(r===`on`?`log.muted`:`log.unmuted`,{satellite:c}):e.get(r===`on`?`log.turned_on`:`log.turned_off`,{toggle:l});let u=o===`threshold`?e.percent(Number(r)):e.get(r===`as_others`&&!a?`retention.as_recordings`:`retention.${r}`)||(r??``);return e.get(`log.changed`,{toggle:l,value:u})}P(`voice-privacy-log`,rr);var ar=[`offer_wake_word`,`check_level`,`ignore_made_up_text`,`members_may_open_microphone`],W=class extends N{constructor(...e){super(...e),this.changes={},this.errors={},this.saving=!1,this.words={}}static{this.styles=[L,Pn]}connectedCallback(){super.connectedCallback(),this.load()}async load(){await this.attempt(async()=>{this.words=await this.connection.words(`options`,this.texts.language),this.answer=await this.connection.call(`options/get`)})}word(e){return this.words[`component.voice_privacy.options.${e}`]??e}get options(){return{...this.answer.options,...this.changes}}change(e){this.changes={...this.changes,...e}}choose(e,t){let n=this.options.pipelines.filter(t=>t!==e);this.change({pipelines:t?[...n,e]:n})}async save(){let{changes:e}=this;this.saving=!0,await this.attempt(async()=>{let t=await this.connection.call(`options/set`,e);this.errors=t.errors,Object.keys(t.errors).length||(this.answer={...this.answer,options:{...this.answer.options,...e}},this.changes={},this.notify(this.t(`retention.chosen`)))}),this.saving=!1}undo(){this.changes={},this.errors={}}render(){return this.answer?x`<section class="card wide" aria-labelledby="options-title">
      <h2 id="options-title">${this.t(`privacy.options`)}</h2>
      ${this.pipelines(this.answer)} ${ar.map(e=>this.flag(e))} ${this.keyFolder()}
      ${this.errors.base?x`<p class="note warn" role="alert">${I(F.alert)}${this.word(`error.${this.errors.base}`)}</p>`:C}
      ${Object.keys(this.changes).length?x`<div class="row">
              <button class="button" @click=${this.undo}>${this.t(`common.cancel`)}</button>
              <button
                class="button primary"
                id="save-options"
                ?disabled=${this.saving}
                @click=${()=>void this.save()}
              >
                ${this.t(`review.save`)}
              </button>
            </div>`:C}
    </section>`:C}pipelines({pipelines:e}){return x`<fieldset class="toggle">
      <legend><strong>${this.word(`step.init.data.pipelines`)}</strong></legend>
      <p class="muted-text">${this.word(`step.init.data_description.pipelines`)}</p>
      ${e.length?e.map(({id:e,name:t})=>x`<label class="choice"
                  ><input
                    type="checkbox"
                    class="box"
                    data-pipeline=${e}
                    .checked=${this.options.pipelines.includes(e)}
                    @change=${t=>this.choose(e,t.target.checked)}
                  /><bdi>${t}</bdi></label
                >`):x`<p class="note warn">${I(F.alert)}${this.t(`first.no_speech_to_text`)}</p>`}
    </fieldset>`}flag(e){return x`<div class="toggle">
      ${this.label(e)}
      <input
        type="checkbox"
        role="switch"
        id="option-${e}"
        aria-labelledby="option-${e}-name"
        aria-describedby="option-${e}-about"
        .checked=${this.options[e]}
        @change=${t=>this.change({[e]:t.target.checked})}
      />
    </div>`}keyFolder(){let e=this.errors.key_dir;return x`<div class="toggle">
      ${this.label(`key_dir`)}
      <input
        class="field folder"
        id="option-key_dir"
        dir="ltr"
        aria-labelledby="option-key_dir-name"
        aria-describedby="option-key_dir-about"
        aria-invalid=${e?`true`:`false`}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        .value=${this.options.key_dir}
        @input=${e=>this.change({key_dir:e.target.value.trim()})}
      />
      ${e?x`<p class="note warn wide" role="alert">
              ${I(F.alert)}<span>${this.word(`error.${e}`)}</span>
            </p>`:C}
    </div>`}label(e){let t=`option-${e}`;return x`<label for=${t}
      ><strong id="${t}-name">${this.word(`step.init.data.${e}`)}</strong>
      <span id="${t}-about" class="muted-text">${this.word(`step.init.data_description.${e}`)}</span></label
    >`}};M([O()],W.prototype,`answer`,void 0),M([O()],W.prototype,`changes`,void 0),M([O()],W.prototype,`errors`,void 0),M([O()],W.prototype,`saving`,void 0),M([O()],W.prototype,`words`,void 0),P(`voice-privacy-options`,W);var or=3e3,sr=class{constructor(e,t,n,r=`recordings`){this.connection=e,this.changed=t,this.failed=n,this.folder=r,this.state=`idle`,this.began=0,this.frame=0}get progress(){let{buffer:e,context:t}=this;return!e?.duration||!t?0:Math.min(1,Math.max(0,(t.currentTime-this.began)/e.duration))}async toggle(e){this.id===e?this.state===`paused`?this.resume():this.state===`playing`?(this.set(`paused`),this.context?.suspend().catch(()=>void 0)):this.stop():await this.start(e,0)}async seek(e,t){this.id===e?this.source&&this.playFrom(t):await this.start(e,t),this.changed()}stop(){let{context:e}=this;cancelAnimationFrame(this.frame),clearTimeout(this.refusal),this.context=this.buffer=this.source=this.id=void 0,e?.close().catch(()=>void 0),this.set(`idle`)}async start(e,t){this.stop(),this.id=e;let n;try{n=this.context=new AudioContext,n.onstatechange=()=>this.follow(),cr(),n.resume().catch(()=>void 0),this.set(`loading`);let r=await this.connection.fetch(`${this.folder}/${e}/audio`),i=await n.decodeAudioData(await r.arrayBuffer());if(this.context!==n)return;this.buffer=i,this.playFrom(t),this.resume()}catch(e){if(this.context!==n)return;this.stop(),this.failed(j(e))}}playFrom(e){let{buffer:t,context:n}=this;if(!t||!n)return;this.source&&(this.source.onended=null,this.source.stop());let r=this.source=n.createBufferSource();r.buffer=t,r.connect(n.destination),r.onended=()=>{this.source===r&&this.stop()};let i=e*t.duration;this.began=n.currentTime-i,r.start(0,i)}resume(){clearTimeout(this.refusal),this.refusal=setTimeout(()=>{this.context?.state!==`running`&&(this.stop(),this.failed(new A(`playback_refused`)))},or),this.context?.resume().catch(()=>void 0),this.follow()}follow(){this.source&&(this.context?.state===`running`?(clearTimeout(this.refusal),this.set(`playing`),this.tick()):this.state===`playing`&&this.set(`paused`))}tick(){cancelAnimationFrame(this.frame),this.changed(),this.state===`playing`&&(this.frame=requestAnimationFrame(()=>this.tick()))}set(e){this.state=e,this.changed()}};function cr(){let{audioSession:e}=navigator;e&&(e.type=`playback`)}var lr=class extends N{static{this.styles=[L,Rn]}render(){let{learning:e,wakes:t,wakes_needed:n,false_wakes:r,false_wakes_needed:i,learned:a,not_learnable:o}=this.answer;return x`<section class="card" id="learned">
      <h2>${this.t(`review.learned`)}</h2>
      <p class="muted-text">${this.t(`review.learned_detail`)}</p>
      <p class="note" role="status">
        <span
          >${this.t(e?`review.learning`:`review.labeled`,{wakes:this.texts.number(t),wakes_needed:this.texts.number(n),others:this.texts.number(r),others_needed:this.texts.number(i)})}</span
        >
      </p>
      ${o?.length?x`<p class="note" id="not-learnable">
              <span>${this.t(`review.not_learnable`,{phrases:o.join(`, `)})}</span>
            </p>`:``}
      ${a.map(e=>this.word(e))}
      <div class="row verifier">
        <label class="grow" for="verifier">${this.t(`review.use_filter`)}</label>
        <input
          type="checkbox"
          role="switch"
          class="switch"
          id="verifier"
          .checked=${this.house.toggles.verifier.on}
          @change=${e=>void this.turn(e,e=>this.connection.call(`settings/set`,{toggle:`verifier`,on:e}))}
        />
      </div>
    </section>`}word(e){return x`<table>
        <caption>
          <bdi>${e.phrase}</bdi>
        </caption>
        <tr>
          <td></td>
          <th scope="col">${this.t(`review.before`)}</th>
          <th scope="col">${this.t(`review.after`)}</th>
        </tr>
        ${this.row(`review.wakes_kept`,e.wakes_before,e.wakes_after,e.wakes)}
        ${this.row(`review.wakes_in_noise`,e.noisy_before,e.noisy_after,e.noisy_wakes)}
        ${this.row(`review.false_wakes_left`,e.false_before,e.false_after,e.false_wakes)}
      </table>
      <p class="note">
        <span>${this.t(e.used?`review.used`:e.better?`review.unused`:`review.not_better`)}</span>
      </p>`}row(e,t,n,r){let i=e=>this.t(`review.of`,{count:this.texts.number(e),all:this.texts.number(r)});return x`<tr>
      <th scope="row">${this.t(e)}</th>
      <td>${i(t)}</td>
      <td>${i(n)}</td>
    </tr>`}};M([D({attribute:!1})],lr.prototype,`answer`,void 0),P(`voice-privacy-learned`,lr);function ur(e,t,n){return x`<section class="card">
    <h2>${e.get(`review.reviewers`)}</h2>
    <p class="muted-text">${e.get(`review.reviewers_detail`)}</p>
    ${t.length?x`<ul>
            ${t.map(e=>x`<li class="row">
                  <label class="grow" for="user-${e.user_id}"><bdi>${e.name}</bdi></label>
                  <input
                    type="checkbox"
                    role="switch"
                    class="switch"
                    id="user-${e.user_id}"
                    .checked=${e.on}
                    @change=${t=>n(e,t)}
                  />
                </li>`)}
          </ul>`:x`<p class="note">${e.get(`review.no_users`)}</p>`}
  </section>`}var dr=[`meant_for_us`,`false_wake`,`cut_off`,`wrong_transcript`],G=class extends N{constructor(...e){super(...e),this.typed=``,this.known=[]}static{this.styles=[L,Rn]}connectedCallback(){super.connectedCallback(),this.player=new sr(this.connection,()=>this.requestUpdate(),e=>this.notify(this.texts.error(e.code)),`review`),this.known=this.basis,this.load()}disconnectedCallback(){super.disconnectedCallback(),this.player?.stop()}stateChanged(){super.stateChanged();let{basis:e}=this;e.every((e,t)=>e===this.known[t])||(this.known=e,this.load())}get basis(){let{review:e,toggles:t}=this.house;return[...e,t.verifier.on]}async load(){let e=[this.loadClips()];this.admin&&e.push(this.loadScores(),this.loadLearned(),this.loadUsers()),await this.attempt(()=>Promise.all(e))}async loadClips(){let e=this.admin?`review/pool`:`review/list`;this.clips=(await this.connection.call(e)).clips}async loadScores(){this.scores=await this.connection.call(`review/scores`)}async loadLearned(){this.learned=await this.connection.call(`review/learned`)}async loadUsers(){this.users=(await this.connection.call(`review/reviewers`)).users}async act(e){await this.attempt(async()=>{await e(),await this.load()})}play({review_id:e}){this.notify(``),this.player?.toggle(e)}label({review_id:e},t,n=null){return this.act(()=>this.connection.call(`review/label`,{review_id:e,label:t,correction:n}))}choose(e,t){this.label(e,t),this.open=t===`wrong_transcript`?e.review_id:void 0,this.transcript=void 0,this.typed=``,this.open&&this.loadTranscript(this.open)}async loadTranscript(e){await this.attempt(async()=>{let t=await this.connection.call(`review/transcript`,{review_id:e});this.open===e&&(this.transcript=t.transcript)})}correct(e){this.label(e,`wrong_transcript`,this.typed),this.open=void 0}allow({review_id:e,allowed:t}){return this.act(()=>this.connection.call(`review/allow`,{review_id:e,allowed:!t}))}takeOut({review_id:e}){return this.act(async()=>{await this.connection.call(`review/take_out`,{review_ids:[e]}),this.notify(this.t(`review.taken_out`))})}async setReviewer({user_id:e},t){await this.turn(t,t=>this.connection.call(`review/set_reviewer`,{user_id:e,on:t})),await this.load()}render(){let{clips:e}=this;return x`${e?.length?x`<section class="card">
            <h2>${this.t(`review.title`)}</h2>
            <p class="muted-text">${this.t(`review.about`)}${this.admin?C:` ${this.t(`review.released`)}`}</p>
            <ul>
              ${e.map(e=>this.clip(e))}
            </ul>
          </section>`:e?this.empty():C}
    ${this.admin?this.owner():C}`}empty(){let{house:e,satellites:t}=this.state,n=e.toggles.help_improve.on&&t.some(e=>e.toggles.help_improve.on);return x`<div class="card empty">
      <span class="hero">${I(F.reviewed)}</span>
      <h2>${this.t(n?`review.none`:`review.none_off`)}</h2>
      <p>${this.t(n?this.admin?`review.none_detail`:`review.released`:`review.none_off_detail`)}</p>
    </div>`}clip(e){let t=e.review_id.slice(0,6),n=this.player?.id===e.review_id&&this.player.state===`playing`;return x`<li data-id=${e.review_id}>
      <div class="row">
        <button
          class="button"
          aria-label=${this.t(n?`review.pause`:`review.play`,{id:t})}
          @click=${()=>this.play(e)}
        >
          ${I(n?F.pause:F.play)}
        </button>
        <span class="grow"
          ><bdi class="id">${t}</bdi>
          ${e.recording_id?x`<span class="muted-text">${this.whose(e)}</span>`:C}</span
        >
        ${this.admin?x`<button class="button" @click=${()=>void this.takeOut(e)}>
                ${I(F.takenOut)}${this.t(`review.take_out`)}<span class="sr"> ${t}</span>
              </button>`:C}
      </div>
      <div class="row" role="group" aria-label=${this.t(`review.labels`,{id:t})}>
        ${dr.map(t=>x`<button
              class="button"
              data-label=${t}
              aria-pressed=${e.label===t}
              @click=${()=>this.choose(e,t)}
            >
              ${this.t(`review.${t}`)}
            </button>`)}
      </div>
      ${this.open===e.review_id?this.correction(e):C}
      ${e.findings?.length?this.findings(e):C}
    </li>`}whose(e){return x`<bdi>${this.connection.nameOf(e.satellite_id)??this.t(`common.removed_satellite`)}</bdi> ·
      ${e.started_at?`${this.texts.dateTime(e.started_at)} · `:``}${this.t(`recordings.kept_until`,{date:this.texts.until(e.expires_at)})}`}correction(e){let{transcript:t}=this;return x`<p class="note">
        <span
          >${t?this.t(`review.understood`,{text:t}):this.t(`recordings.no_transcript`)}</span
        >
      </p>
      <div class="row">
        <label class="sr" for="correction">${this.t(`review.correction`)}</label>
        <input
          class="field grow"
          id="correction"
          maxlength="500"
          placeholder=${this.t(`review.correction`)}
          .value=${this.typed}
          @input=${e=>this.typed=e.target.value}
        />
        <button class="button" id="save-correction" @click=${()=>this.correct(e)}>${this.t(`review.save`)}</button>
      </div>`}findings(e){let t=e.findings.map(e=>this.t(`review.finding_${e}`)).join(`, `);return x`<div class="note ${e.barred?`warn`:``}">
      ${I(F.lock)}
      <div>
        <p>${this.t(e.barred?`review.barred`:`review.allowed`,{what:t})}</p>
        <div class="row">
          <button class="button" data-allow aria-pressed=${!!e.allowed} @click=${()=>void this.allow(e)}>
            ${this.t(`review.allow`)}
          </button>
        </div>
      </div>
    </div>`}owner(){let{connection:e,learned:t,scores:n,texts:r}=this;return x`${t?x`<voice-privacy-learned
              .connection=${e}
              .texts=${r}
              .answer=${t}
            ></voice-privacy-learned>`:C}
      ${n?x`<voice-privacy-scores
              .connection=${e}
              .texts=${r}
              .answer=${n}
            ></voice-privacy-scores>`:C}
      ${ur(r,this.users??[],(e,t)=>void this.setReviewer(e,t))}
      <section class="card">
        <h2>${this.t(`review.limits`)}</h2>
        <p class="muted-text">${this.t(`review.limits_detail`)}</p>
      </section>`}};M([O()],G.prototype,`clips`,void 0),M([O()],G.prototype,`users`,void 0),M([O()],G.prototype,`learned`,void 0),M([O()],G.prototype,`scores`,void 0),M([O()],G.prototype,`open`,void 0),M([O()],G.prototype,`transcript`,void 0),P(`voice-privacy-review`,G);var fr=class extends N{constructor(...e){super(...e),this.reviewing=!1}static{this.styles=[L,qn]}connectedCallback(){super.connectedCallback(),this.reviewing=!this.admin}willUpdate(e){super.willUpdate(e),e.has(`place`)&&this.place===`review`&&(this.reviewing=!0)}updated(e){super.updated(e),e.has(`place`)&&this.place&&this.renderRoot.querySelector(`#${this.place}`)?.scrollIntoView()}render(){let{connection:e,texts:t}=this,{permissions:n}=this.state;return x`${this.admin?x`<voice-privacy-consent .connection=${e} .texts=${t}></voice-privacy-consent>
              <voice-privacy-options id="options" .connection=${e} .texts=${t}></voice-privacy-options>`:x`<voice-privacy-household .connection=${e} .texts=${t}></voice-privacy-household>`}
      ${n.review?this.review():C}
      <section id="log" aria-labelledby="log-title">
        <h2 id="log-title">${this.t(`privacy.log`)}</h2>
        ${!this.admin&&n.control.length?x`<p class="muted-text">${this.t(`privacy.rooms_log`)}</p>`:C}
        <voice-privacy-log .connection=${e} .texts=${t}></voice-privacy-log>
      </section>`}review(){let e=this.house.review[0];return x`<details
      class="card"
      id="review"
      .open=${this.reviewing}
      @toggle=${e=>this.reviewing=e.target.open}
    >
      <summary>
        ${I(F.reviewed)}<span
          ><h2>${this.t(`privacy.review`)}</h2>
          <small
            >${this.admin&&e?this.t(`privacy.review_waiting`,{clips:this.texts.number(e)}):this.t(`privacy.review_detail`)}</small
          ></span
        >
      </summary>
      ${this.reviewing?x`<voice-privacy-review .connection=${this.connection} .texts=${this.texts}></voice-privacy-review>`:C}
    </details>`}};M([D()],fr.prototype,`place`,void 0),M([O()],fr.prototype,`reviewing`,void 0),P(`voice-privacy-privacy`,fr);var pr={ATTRIBUTE:1,CHILD:2,PROPERTY:3,BOOLEAN_ATTRIBUTE:4,EVENT:5,ELEMENT:6},mr=e=>(...t)=>({_$litDirective$:e,values:t}),hr=class{constructor(e){}get _$AU(){return this._$AM._$AU}_$AT(e,t,n){this._$Ct=e,this._$AM=t,this._$Ci=n}_$AS(e,t){return this.update(e,t)}update(e,t){return this.render(...t)}},{I:gr}=Le,_r=e=>e,vr=()=>document.createComment(``),yr=(e,t,n)=>{let r=e._$AA.parentNode,i=t===void 0?e._$AB:t._$AA;if(n===void 0)n=new gr(r.insertBefore(vr(),i),r.insertBefore(vr(),i),e,e.options);else{let t=n._$AB.nextSibling,a=n._$AM,o=a!==e;if(o){let t;n._$AQ?.(e),n._$AM=e,n._$AP!==void 0&&(t=e._$AU)!==a._$AU&&n._$AP(t)}if(t!==i||o){let e=n._$AA;for(;e!==t;){let t=_r(e).nextSibling;_r(r).insertBefore(e,i),e=t}}}return n},K=(e,t,n=e)=>(e._$AI(t,n),e),br={},xr=(e,t=br)=>e._$AH=t,Sr=e=>e._$AH,Cr=e=>{e._$AR(),e._$AA.remove()},wr=(e,t,n)=>{let r=/* @__PURE__ */ new Map;for(let i=t;i<=n;i++)r.set(e[i],i);return r},Tr=mr(class extends hr{constructor(e){if(super(e),e.type!==pr.CHILD)throw Error(`repeat() can only be used in text expressions`)}dt(e,t,n){let r;n===void 0?n=t:t!==void 0&&(r=t);let i=[],a=[],o=0;for(let t of e)i[o]=r?r(t,o):o,a[o]=n(t,o),o++;return{values:a,keys:i}}render(e,t,n){return this.dt(e,t,n).values}update(e,[t,n,r]){let i=Sr(e),{values:a,keys:o}=this.dt(t,n,r);if(!Array.isArray(i))return this.ut=o,a;let s=this.ut??=[],c=[],l,u,d=0,f=i.length-1,p=0,m=a.length-1;for(;d<=f&&p<=m;)if(i[d]===null)d++;else if(i[f]===null)f--;else if(s[d]===o[p])c[p]=K(i[d],a[p]),d++,p++;else if(s[f]===o[m])c[m]=K(i[f],a[m]),f--,m--;else if(s[d]===o[m])c[m]=K(i[d],a[m]),yr(e,c[m+1],i[d]),d++,m--;else if(s[f]===o[p])c[p]=K(i[f],a[p]),yr(e,i[d],i[f]),f--,p++;else if(l===void 0&&(l=wr(o,p,m),u=wr(s,d,f)),l.has(s[d])){if(l.has(s[f])){let t=u.get(o[p]),n=t===void 0?null:i[t];if(n===null){let t=yr(e,i[d]);K(t,a[p]),c[p]=t}else c[p]=K(n,a[p]),yr(e,i[d],n),i[t]=null;p++}else Cr(i[f]),f--}else Cr(i[d]),d++;for(;p<=m;){let t=yr(e,c[m+1]);K(t,a[p]),c[p++]=t}for(;d<=f;){let e=i[d++];e!==null&&Cr(e)}return this.ut=o,xr(e,c),S}}),Er=o` .days { display: flex; flex-direction: row-reverse; align-items: stretch; gap: 2px; overflow-x: auto; scrollbar-width: thin; padding: 2px; } .day-column { flex: 1 0 22px; min-width: 22px; height: 56px; padding: 2px; flex-direction: column; justify-content: flex-end; gap: 2px; border-radius: 8px; background: none; } .day-column i { flex: 0 1 auto; width: 70%; max-width: 22px; min-height: 2px; border-radius: 3px; background: color-mix(in srgb, var(--vp-accent) 70%, transparent); } .day-column:disabled { opacity: 1; } .day-column:disabled i { background: color-mix(in srgb, var(--primary-text-color) 16%, transparent); } .day-column small { flex: none; font-size: 11px; line-height: 14px; color: var(--secondary-text-color); font-variant-numeric: tabular-nums; } .day-column:hover:not(:disabled) { background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); } .day-column[aria-pressed="true"] { background: var(--vp-tint); box-shadow: inset 0 0 0 1px var(--vp-accent); } @media (pointer: coarse) { .day-column { flex-basis: 48px; } } `,Dr=o` :host { container: recordings / inline-size; } .columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 24px; align-items: start; } .main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 14px; min-width: 0; container: list / inline-size; } aside { display: none; gap: 16px; position: sticky; top: calc(var(--vp-header-height, 112px) + 16px); } .rail { padding: 18px; } .rail h2 { font-size: 13px; font-weight: 500; color: var(--secondary-text-color); margin-bottom: 10px; } .rail .big { font-size: 28px; line-height: 1.2; } .small { font-size: 12px; margin-top: 10px; } .mic-row { display: flex; align-items: center; gap: 12px; padding: 6px 0; } .mic-row b { font-weight: 500; display: block; } small { font-size: 12px; color: var(--secondary-text-color); display: block; } .strip { list-style: none; display: flex; gap: 8px; margin: 0; padding: 0; overflow-x: auto; scrollbar-width: thin; } .chip { display: flex; align-items: center; gap: 10px; flex: none; padding: 6px 16px 6px 6px; padding-inline: 6px 16px; border-radius: 26px; background: var(--vp-card); border: 1px solid var(--vp-line); line-height: 1.25; } .progress { display: grid; gap: 8px; padding: 0 4px; } .bar { height: 4px; border-radius: 2px; overflow: hidden; background: color-mix(in srgb, var(--primary-text-color) 12%, transparent); } .bar i { display: block; height: 100%; background: var(--vp-accent); transition: width 120ms; } .day { position: sticky; top: var(--vp-header-height, 112px); z-index: 1; display: flex; align-items: center; gap: 12px; min-height: 48px; padding: 4px 8px 4px 4px; padding-inline: 4px 8px; background: var(--primary-background-color); } .day h3 { font-size: 15px; font-weight: 500; } .when { flex: 1; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 12px; } .when span { font-size: 13px; } section + section { margin-top: 10px; } .rows { overflow: clip; } .day .pick { margin-inline: 13px 4px; } .failed { align-items: center; } .failed span { flex: 1; } .last { text-align: center; padding: 20px; font-size: 13px; } .ghosts { display: grid; gap: 10px; margin-top: 10px; } .ghost { display: flex; gap: 16px; padding: 16px; opacity: 0.7; } .ghost i { width: 44px; height: 44px; border-radius: 50%; } .ghost span { flex: 1; display: grid; gap: 8px; align-content: center; } .ghost b { height: 14px; width: 55%; border-radius: 7px; } .ghost u { height: 10px; width: 30%; border-radius: 5px; } .ghost :is(i, b, u) { display: block; background: color-mix(in srgb, var(--primary-text-color) 10%, transparent); animation: wait 1.2s ease-in-out infinite alternate; } @keyframes wait { to { opacity: 0.4; } } .selection { position: sticky; bottom: 16px; z-index: 2; grid-column: 1; display: flex; align-items: center; gap: 8px; padding: 10px 12px 10px 20px; padding-inline: 20px 12px; border-radius: 30px; background: var(--vp-card); border: 1px solid var(--vp-line); box-shadow: 0 8px 28px rgba(0, 0, 0, 0.28); } .selection span { flex: 1; font-weight: 500; } .selection .button { white-space: nowrap; } @container recordings (max-width: 999px) { .selection { bottom: calc(12px + env(safe-area-inset-bottom)); flex-wrap: wrap; border-radius: 20px; padding: 12px 16px; } .selection span { flex: 1 0 100%; } .selection .button { flex: 1; } } @container recordings (min-width: 800px) { .columns { grid-template-columns: minmax(0, 1fr) 280px; } aside { display: grid; } .strip { display: none; } } `,Or=o` .row { position: relative; display: grid; grid-template-columns: 44px minmax(0, 1fr) auto; grid-template-areas: "play what what" "sound sound sound" "meta meta ends"; column-gap: 16px; row-gap: 6px; align-items: center; padding: 12px 4px 12px 12px; padding-inline: 12px 4px; transition: background 120ms; } .selecting .row { grid-template-columns: 18px 44px minmax(0, 1fr) auto; grid-template-areas: "pick play what what" "sound sound sound sound" "meta meta meta ends"; } .row:hover { background: color-mix(in srgb, var(--primary-text-color) 3%, transparent); } .row.current { background: var(--vp-tint); } .rows > div > .row + .row, .rows > div + div > .row:first-child { border-top: 1px solid var(--vp-line); } .pick { grid-area: pick; display: none; } .selecting .pick { display: block; } .play { grid-area: play; } .row { cursor: pointer; } .what { grid-area: what; min-width: 0; } .said, .reply span { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; } .reply span { -webkit-line-clamp: 1; } mark { color: inherit; background: color-mix(in srgb, var(--vp-accent) 30%, transparent); border-radius: 3px; } @media (pointer: coarse) { .row .icon-button { width: 48px; height: 48px; } } .said { text-align: -webkit-match-parent; text-align: match-parent; font-size: 16px; line-height: 1.35; overflow-wrap: anywhere; } .said.none { font-style: italic; font-size: 15px; color: var(--secondary-text-color); } .reply { display: flex; gap: 6px; color: var(--secondary-text-color); overflow-wrap: anywhere; } .reply .icon { width: 16px; height: 16px; margin-top: 2px; transform: scaleX(-1); } .sound { grid-area: sound; display: flex; align-items: center; gap: 12px; } .shape { position: relative; flex: 1; height: 36px; } .shape input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; } .shape:focus-within { outline: 2px solid var(--vp-accent); outline-offset: 4px; border-radius: 4px; } .length { font-size: 12px; color: var(--secondary-text-color); min-width: 34px; text-align: end; font-variant-numeric: tabular-nums; } .meta { grid-area: meta; display: flex; flex-wrap: wrap; align-items: center; overflow: clip; font-size: 13px; color: var(--secondary-text-color); } .meta > * { position: relative; inset-inline-start: -16px; } .meta > *::before { content: "·"; display: inline-block; width: 16px; text-align: center; font-weight: 400; color: var(--secondary-text-color); } .false { color: color-mix(in srgb, var(--vp-warn-text) 85%, var(--primary-text-color)); font-weight: 500; } .ends { grid-area: ends; display: flex; opacity: 0.75; } .row:hover .ends, .row:focus-within .ends { opacity: 1; } .fresh { animation: arrive 1.8s ease-out; } @keyframes arrive { 0% { background: color-mix(in srgb, var(--vp-accent) 30%, transparent); } } .row .play, .row .pick { align-self: start; } .row .pick { margin-top: 13px; } .row .what, .row .sound { padding-inline-end: 8px; } @container list (min-width: 420px) { .row { grid-template-areas: "play what what" "play sound ends" "play meta ends"; } .selecting .row { grid-template-areas: "pick play what what" "pick play sound ends" "pick play meta ends"; } } @container list (min-width: 640px) { .row { grid-template-columns: 44px minmax(0, 1fr) minmax(140px, 24%) auto; grid-template-areas: "play what sound ends" "play meta sound ends"; row-gap: 2px; padding-inline: 16px 8px; } .selecting .row { grid-template-columns: 18px 44px minmax(0, 1fr) minmax(140px, 24%) auto; grid-template-areas: "pick play what sound ends" "pick play meta sound ends"; } } `,kr=1e3,Ar=class{constructor(e){this.host=e,this.counts={},e.addController(this)}hostDisconnected(){clearTimeout(this.timer)}soon(){clearTimeout(this.timer),this.timer=setTimeout(()=>void this.load(),kr)}async load(){clearTimeout(this.timer);let{satellite_id:e=null,kind:t=null}=this.host.filter;try{let{days:n}=await this.host.connection.call(`recordings/days`,{satellite_id:e,kind:t});this.counts=n??{},this.host.requestUpdate()}catch{}}};function jr(e){let[t,n,r]=e.split(`-`).map(Number);return Array.from({length:28},(e,i)=>new Date(Date.UTC(t,n-1,r-i)).toISOString().slice(0,10))}function Mr(e){let t=e.currentTarget,n={ArrowLeft:-1,ArrowRight:-1,[getComputedStyle(t).direction===`rtl`?`ArrowRight`:`ArrowLeft`]:1}[e.key];if(!n)return;let r=[...t.querySelectorAll(`button:not(:disabled)`)],i=r[r.indexOf(e.target)+n];i&&(e.preventDefault(),i.focus())}function Nr(e,t,n,{first_day:r,last_day:i},a){let o=jr(t),s=o.find(e=>r===e&&i===e)??o.find(e=>n[e]),c=Math.max(1,...o.map(e=>n[e]??0));return x`<div class="days" role="group" aria-label=${e.get(`timeline.days`)} @keydown=${Mr}>
    ${o.map(o=>{let l=n[o]??0,u=r===o&&i===o,d=`${e.day(o,t)}: ${e.count(`recordings`,l)}`;return x`<button
        class="day-column"
        tabindex=${o===s?0:-1}
        aria-pressed=${u}
        aria-label=${d}
        title=${d}
        ?disabled=${!l&&!u}
        data-day=${o}
        @click=${()=>a(u?null:o)}
      >
        <i style="height:${l?Math.max(12,Math.round(100*l/c)):4}%"></i>
        <small aria-hidden="true"><bdi>${e.number(Number(o.slice(8)))}</bdi></small>
      </button>`})}
  </div>`}var Pr=o` @media (min-width: 601px) { dialog { width: min(560px, calc(100vw - 32px)); } } .head { display: flex; align-items: center; margin: -8px -8px -8px 0; margin-inline: 0 -8px; } .head p { flex: 1; min-width: 0; } .head .icon-button { width: 48px; height: 48px; } .dialog h2 { font-size: 22px; overflow-wrap: anywhere; } h2.none { font-style: italic; color: var(--secondary-text-color); } h3 { font-size: 14px; font-weight: 500; margin-bottom: 4px; } .reply { display: flex; gap: 8px; color: var(--secondary-text-color); overflow-wrap: anywhere; } .reply .icon { transform: scaleX(-1); } .sound { display: grid; grid-template-columns: 48px minmax(0, 1fr); gap: 4px 16px; align-items: center; padding: 12px 16px; border-radius: 16px; background: color-mix(in srgb, var(--primary-text-color) 5%, transparent); } .sound .play { width: 48px; height: 48px; } .shape { position: relative; height: 88px; } .shape input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; } .shape:focus-within { outline: 2px solid var(--vp-accent); outline-offset: 2px; border-radius: 4px; } .elapsed { grid-column: 2; font-size: 13px; font-variant-numeric: tabular-nums; color: var(--secondary-text-color); } .score { position: relative; height: 12px; margin-top: 8px; border-radius: 6px; background: color-mix(in srgb, var(--primary-text-color) 12%, transparent); } .score i { display: block; height: 100%; border-radius: 6px; background: var(--vp-accent); } .score u { position: absolute; top: -4px; bottom: -4px; width: 2px; background: var(--primary-text-color); } .labels { display: flex; flex-wrap: wrap; gap: 8px; margin: 4px 0 8px; } .labels .button { min-height: 48px; border-radius: 24px; } .labels .button[aria-pressed="true"] { background: var(--vp-tint); border-color: var(--vp-accent); } .correction { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 4px 8px; margin-bottom: 8px; } .correction label { grid-column: 1 / -1; font-size: 13px; color: var(--secondary-text-color); } `,Fr=3,Ir=48,Lr=32;function Rr(e){return Array.from(atob(e),e=>e.charCodeAt(0)/255)}function zr(e,t=Ir){let n=Math.max(1,Math.floor(e.length/t));return Array.from({length:Math.ceil(e.length/n)},(t,r)=>Math.max(...e.slice(r*n,(r+1)*n)))}function Br(e){return e.map((e,t)=>{let n=Math.max(1,e*28/2);return`M${t*Fr+Fr/2} ${(Lr/2-n).toFixed(1)}V${(Lr/2+n).toFixed(1)}`}).join(``)}function Vr(e,t=Ir){let n=Br(zr(e?Rr(e):Array(96).fill(0),t));return Te`<svg class="wave" viewBox="0 0 ${t*Fr} ${Lr}" preserveAspectRatio="none" aria-hidden="true">
    <path class="rest" d=${n}></path><path class="played" d=${n}></path>
  </svg>`}function Hr(e,t){let[n,r]=[e.toLowerCase(),t.toLowerCase()];if(!r||n.length!==e.length)return e;let i=[],a=0;for(let t=n.indexOf(r);t>=0;t=n.indexOf(r,a))i.push(e.slice(a,t),x`<mark>${e.slice(t,t+r.length)}</mark>`),a=t+r.length;return i.length?x`${i}${e.slice(a)}`:e}function Ur(e,t,n){return`${e.time(t.started_at)}, ${n}`}function Wr(e){return Math.floor(e*100+1e-6)/100}function Gr(e,{kind:t,score:n,threshold:r}){if(t===`false_wake`)return e.get(`recordings.nothing_said`);if(t!==`near_miss`)return e.get(`recordings.no_transcript`);let i=t=>e.number(Wr(t??0),{minimumFractionDigits:2}),a=(n??0)<(r??0)?`recordings.near_miss`:`recordings.near_miss_rejected`;return e.get(a,{score:i(n),threshold:i(r)})}var q=class extends E{constructor(...e){super(...e),this.name=``,this.reached=!1,this.selected=!1,this.mayDelete=!1,this.mayDownload=!1,this.progress=0,this.sought=``}createRenderRoot(){return this}t(e,t){return this.texts.get(e,t)}render(){let{recording:e,actions:t}=this,n=Ur(this.texts,e,this.name),r=this.playing===`playing`||this.playing===`loading`;return x`${this.mayDelete?x`<input
              type="checkbox"
              class="box pick"
              tabindex=${this.tabindex}
              aria-label=${this.t(`recordings.select_one`,{recording:n})}
              .checked=${this.selected}
              @click=${n=>t.select(e,n.target.checked,n.shiftKey)}
            />`:C}
      <button
        class="play ${this.playing?`active`:``}"
        tabindex=${this.tabindex}
        ?disabled=${!!e.error}
        aria-label=${this.t(r?`recordings.pause`:`recordings.play`,{recording:n})}
        @click=${()=>t.play(e)}
      >
        ${I(r?F.pause:F.play)}
      </button>
      <div class="what" role="button" tabindex="-1" aria-haspopup="dialog" title=${this.t(`timeline.details`)}>
        ${this.words()}
      </div>
      ${this.sound(n)}
      <div class="meta">
        <time datetime=${e.started_at}>${this.texts.time(e.started_at)}</time>
        <span><bdi>${this.name}</bdi></span>
        ${e.kind===`false_wake`?x`<span class="false">${this.t(`recordings.false_wake`)}</span>`:C}
        ${this.startedBy()}
        ${e.deletes_at?x`<span>${this.t(`recordings.kept_until`,{date:this.texts.until(e.deletes_at)})}</span>`:C}
      </div>
      <div class="ends">
        ${this.mayDownload?x`<button
                class="icon-button"
                tabindex=${this.tabindex}
                ?disabled=${!!e.error}
                aria-label=${this.t(`recordings.download`,{recording:n})}
                title=${this.t(`recordings.download_short`)}
                @click=${()=>void t.download(e)}
              >
                ${I(F.archive)}
              </button>`:C}
        ${this.mayDelete?x`<button
                class="icon-button"
                tabindex=${this.tabindex}
                aria-label=${this.t(`recordings.delete`,{recording:n})}
                title=${this.t(`recordings.delete_short`)}
                @click=${()=>t.delete(e)}
              >
                ${I(F.deleted)}
              </button>`:C}
      </div>`}get tabindex(){return this.reached?0:-1}sound(e){let{recording:t,actions:n}=this,r=this.progress*100;return x`<div class="sound" dir="ltr">
      <div class="shape" style="--progress:${r}%;--played:${this.playing?`visible`:`hidden`}">
        ${Vr(t.peaks)}
        <input
          type="range"
          min="0"
          max="100"
          step="1"
          tabindex=${this.tabindex}
          ?disabled=${!!t.error}
          aria-label=${this.t(`recordings.seek`,{recording:e})}
          aria-valuetext=${this.texts.seconds(this.progress*t.seconds)}
          .value=${String(Math.round(r))}
          @change=${e=>n.seek(t,Number(e.target.value)/100)}
        />
      </div>
      <bdi class="length">${this.texts.seconds(t.seconds)}</bdi>
    </div>`}startedBy(){let{started_by:e,wake_word:t,score:n}=this.recording;return e===`button`?x`<span>${this.t(`recordings.by_button`)}</span>`:e===`conversation`?x`<span>${this.t(`recordings.by_question`)}</span>`:t?x`<span title=${n==null?C:this.t(`timeline.score`)}
      ><bdi>${t}</bdi>${n==null?C:x` <bdi>${this.texts.percent(n)}</bdi>`}</span
    >`:C}words(){let{error:e,transcript:t,reply:n}=this.recording;return e?x`<p class="said none">${this.texts.error(e)}</p>`:x`${t?x`<p class="said" dir="auto">${Hr(t,this.sought)}</p>`:x`<p class="said none">${Gr(this.texts,this.recording)}</p>`}
    ${n?x`<p class="reply">${I(F.reply)}<span dir="auto">${Hr(n,this.sought)}</span></p>`:C}`}};M([D({attribute:!1})],q.prototype,`texts`,void 0),M([D({attribute:!1})],q.prototype,`recording`,void 0),M([D({attribute:!1})],q.prototype,`name`,void 0),M([D({attribute:!1})],q.prototype,`actions`,void 0),M([D({attribute:!1})],q.prototype,`reached`,void 0),M([D({attribute:!1})],q.prototype,`selected`,void 0),M([D({attribute:!1})],q.prototype,`mayDelete`,void 0),M([D({attribute:!1})],q.prototype,`mayDownload`,void 0),M([D({attribute:!1})],q.prototype,`playing`,void 0),M([D({attribute:!1})],q.prototype,`progress`,void 0),M([D({attribute:!1})],q.prototype,`sought`,void 0),P(`voice-privacy-recording`,q);var Kr=96,J=class extends N{constructor(...e){super(...e),this.correcting=!1}static{this.styles=[L,Bt,Pr]}get shown(){return this.recording?.id}async open(e){let t=!this.recording;if(this.recording=e,this.clip=void 0,this.correcting=!1,await this.updateComplete,t&&this.dialog.showModal(),this.renderRoot.querySelector(`.play`)?.focus(),this.admin&&!e.error)try{let{clip:t}=await this.connection.call(`recordings/get`,{recording_id:e.id});this.recording===e&&(this.clip=t)}catch{}}close(){this.recording&&this.dialog.close()}get dialog(){return this.renderRoot.querySelector(`dialog`)}closed(){let{recording:e}=this;this.recording=void 0,this.emit(`vp-detail-closed`,e?.id)}onKey(e){e.stopPropagation();let t=e.composedPath()[0];if(e.ctrlKey||e.metaKey||e.altKey||t.matches(`input, textarea`))return;let{recording:n}=this,r={j:()=>this.step(1),k:()=>this.step(-1),Delete:()=>this.delete()};t.matches(`button, summary, a`)||(r[` `]=()=>this.actions.play(n));let i=r[e.key];i&&(e.preventDefault(),i())}delete(){let{recording:e}=this;e&&this.mayDelete(e)&&(this.dialog.close(),this.actions.delete(e))}async label(e,t=null){let{clip:n}=this;n&&(e===`wrong_transcript`&&t===null?this.correcting=!0:await this.attempt(()=>this.connection.call(`review/label`,{review_id:n.review_id,label:e,correction:t}))&&(this.clip={...n,label:e},this.correcting=!1))}render(){return x`<dialog aria-labelledby="title" @close=${this.closed} @keydown=${this.onKey}>
      ${this.recording?x`<div class="dialog">${this.body(this.recording)}</div>`:C}
    </dialog>`}body(e){let t=this.connection.nameOf(e.satellite_id)??this.t(`common.removed_satellite`);return x`<div class="head">
        <p class="muted-text">
          <time datetime=${e.started_at}>${this.texts.dateTime(e.started_at)}</time> ·
          <bdi>${t}</bdi>
        </p>
        ${this.stepButton(-1,`timeline.newer`,F.up)} ${this.stepButton(1,`timeline.older`,F.down)}
        <button class="icon-button" id="close" aria-label=${this.t(`common.close`)} @click=${()=>this.dialog.close()}>
          ${I(F.close)}
        </button>
      </div>
      <h2 id="title" dir="auto" class=${e.transcript?``:`none`}>
        ${e.error?this.texts.error(e.error):e.transcript??Gr(this.texts,e)}
      </h2>
      ${e.reply?x`<p class="reply">${I(F.reply)}<span dir="auto">${e.reply}</span></p>`:C}
      ${this.sound(e,Ur(this.texts,e,t))}
      <section>
        <h3>${this.t(`timeline.why`)}</h3>
        ${this.why(e)}
      </section>
      <dl class="receipt">
        ${this.facts(e).map(([e,t])=>x`<div>
              <dt>${e}</dt>
              <dd><bdi>${t}</bdi></dd>
            </div>`)}
      </dl>
      ${this.admin&&!e.error?this.feedback():C}
      <div class="actions">
        ${this.admin?x`<button
                class="button"
                ?disabled=${!!e.error}
                @click=${()=>void this.actions.download(e)}
              >
                ${I(F.archive)}${this.t(`recordings.download_short`)}
              </button>`:C}
        ${this.mayDelete(e)?x`<button class="button danger-quiet" id="detail-delete" @click=${()=>this.delete()}>
                ${I(F.deleted)}${this.t(`recordings.delete_short`)}
              </button>`:C}
      </div>`}stepButton(e,t,n){return x`<button
      class="icon-button"
      aria-label=${this.t(t)}
      title=${this.t(t)}
      @click=${()=>this.step(e)}
    >
      ${I(n)}
    </button>`}sound(e,t){let{player:n,actions:r}=this,i=n.id===e.id,a=i&&(n.state===`playing`||n.state===`loading`),o=i?n.progress:0;return x`<div class="sound">
      <button
        class="play ${i?`active`:``}"
        ?disabled=${!!e.error}
        aria-label=${this.t(a?`recordings.pause`:`recordings.play`,{recording:t})}
        @click=${()=>r.play(e)}
      >
        ${I(a?F.pause:F.play)}
      </button>
      <div class="shape" dir="ltr" style="--progress:${100*o}%;--played:${i?`visible`:`hidden`}">
        ${Vr(e.peaks,Kr)}
        <input
          type="range"
          min="0"
          max="100"
          ?disabled=${!!e.error}
          aria-label=${this.t(`recordings.seek`,{recording:t})}
          aria-valuetext=${this.texts.seconds(o*e.seconds)}
          .value=${String(Math.round(100*o))}
          @change=${t=>r.seek(e,Number(t.target.value)/100)}
        />
      </div>
      <bdi class="elapsed"
        >${this.texts.seconds(o*e.seconds)} / ${this.texts.seconds(e.seconds)}</bdi
      >
    </div>`}why({started_by:e,wake_word:t,score:n,threshold:r}){if(e===`button`)return x`<p>${this.t(`timeline.why_button`)}</p>`;if(e===`conversation`)return x`<p>${this.t(`timeline.why_question`)}</p>`;if(n==null||r==null)return x`<p>${this.t(e===`satellite`?`timeline.why_satellite`:`timeline.why_unknown`)}</p>`;let i={word:t??``,score:this.texts.percent(Wr(n)),threshold:this.texts.percent(r)};return x`<p>${this.t(`timeline.why_score`,i)}</p>
      <div class="score" dir="ltr" aria-hidden="true">
        <i style="width:${100*Math.min(1,n)}%"></i><u style="left:${100*Math.min(1,r)}%"></u>
      </div>`}facts(e){let{deletes_at:t,language:n,size:r,kind:i}=e,a=[...i===`false_wake`?[[this.t(`recordings.kinds`),this.t(`recordings.false_wake`)]]:[],[this.t(`timeline.kept`),t?this.t(`recordings.kept_until`,{date:this.texts.dateTime(t)}):this.t(`timeline.until_deleted`)]];return n&&a.push([this.t(`timeline.language`),this.texts.languageName(n)]),r!==null&&a.push([this.t(`timeline.size`),this.texts.size(r)]),a}feedback(){let{clip:e}=this;return x`<section>
      <h3>${this.t(`timeline.feedback`)}</h3>
      ${e?x`<div class="labels" role="group" aria-label=${this.t(`timeline.feedback`)}>
                ${Ze.map(t=>x`<button
                      class="button"
                      data-label=${t}
                      aria-pressed=${e.label===t}
                      @click=${()=>void this.label(t)}
                    >
                      ${this.t(`review.${t}`)}
                    </button>`)}
              </div>
              ${this.correcting?this.correction():C}
              <p class="muted-text" role="status">
                ${this.t(e.label?`timeline.feedback_given`:`timeline.feedback_waits`)}
              </p>`:x`<p class="muted-text">
              ${e===null?this.t(`timeline.feedback_off`):this.t(`common.loading`)}
            </p>`}
    </section>`}correction(){return x`<form
      class="correction"
      @submit=${e=>{e.preventDefault();let t=this.renderRoot.querySelector(`#correction`);this.label(`wrong_transcript`,t.value)}}
    >
      <label for="correction">${this.t(`review.correction`)}</label>
      <input class="field" id="correction" dir="auto" .value=${this.recording?.transcript??``} />
      <button class="button">${this.t(`review.save`)}</button>
    </form>`}};M([D({attribute:!1})],J.prototype,`player`,void 0),M([D({attribute:!1})],J.prototype,`actions`,void 0),M([D({attribute:!1})],J.prototype,`mayDelete`,void 0),M([D({attribute:!1})],J.prototype,`step`,void 0),M([O()],J.prototype,`recording`,void 0),M([O()],J.prototype,`clip`,void 0),M([O()],J.prototype,`correcting`,void 0),P(`voice-privacy-detail`,J);function qr(e,t,n){return x`<div class="card empty">
    <span class="hero">${I(e)}</span>
    <h2>${t}</h2>
    <p>${n}</p>
  </div>`}function Jr(e,{house:t}){let n=e.count(`recordings`,t.recordings),r=e.get(`recordings.not_allowed_detail`,{recordings:n});return qr(F.lock,e.get(`recordings.not_allowed`),r)}function Yr(e,t,n){return n||t.house.recordings>0?qr(F.search,e.get(`recordings.none_match`),e.get(`recordings.none_match_detail`)):qr(F.shield,...tn(e,t))}function Xr(){return x`<div class="ghost card" aria-hidden="true">
    <i></i><span><b></b><u></u></span>
  </div>`}function Zr(e){return x`<div class="ghosts" role="status">
    <span class="sr">${e.get(`common.loading`)}</span>${[1,2,3,4].map(Xr)}
  </div>`}function Qr(e,t,n){return x`<div class="note warn failed" role="alert">
    ${I(F.alert)}<span>${e.error(t.code)}</span>
    <button class="button" @click=${n}>${e.get(`common.retry`)}</button>
  </div>`}function $r(e,{done:t,total:n,running:r},i){return x`<div class="progress">
    <p role="status">${r?e.get(`recordings.searching`,{done:e.number(t),total:e.number(n)}):e.get(`recordings.found`,{recordings:e.count(`recordings`,i)})}</p>
    ${r?x`<div class="bar"><i style="width:${n?100*t/n:0}%"></i></div>`:C}
  </div>`}function ei(e,{day:t,name:n,ids:r,searched:i,selection:a,remove:o}){let s=a.hasAll(r),c=e.get(`recordings.delete_day`,{day:n});return x`<header class="day">
    ${r.length?x`<input
            type="checkbox"
            class="box pick"
            aria-label=${e.get(`recordings.select_day`,{day:n})}
            .checked=${s}
            @change=${()=>a.set(r,!s)}
          />`:C}
    <div class="when">
      <h3>${n}</h3>
      <span class="muted-text"
        >${i?e.count(`recordings`,t.recordings.length):x`${e.count(`recordings`,t.figures.count)}${e.behind(t.figures.size)}`}</span
      >
    </div>
    ${o?x`<button class="icon-button" aria-label=${c} title=${c} @click=${o}>
            ${I(F.deleted)}
          </button>`:C}
  </header>`}function ti(e,t,{all:n,download:r,remove:i}){if(!t.size)return C;let a=e.count(`recordings`,t.size),o=t.size>200;return x`<div class="selection" role="region" aria-label=${e.get(`recordings.selection`)}>
    <span role="status">${e.get(`recordings.selected`,{recordings:a})}</span>
    <button class="button" @click=${()=>t.clear()}>${e.get(`recordings.clear_selection`)}</button>
    ${n?x`<button class="button" id="select-all" @click=${n}>${e.get(`timeline.select_all`)}</button>`:C}
    ${r?x`<button
            class="button"
            id="download-selected"
            ?disabled=${o}
            title=${o?e.get(`timeline.download_most`,{count:e.number(200)}):C}
            @click=${r}
          >
            ${I(F.archive)}${e.get(`recordings.download_short`)}
          </button>`:C}
    <button class="button danger" id="delete-selected" @click=${i}>
      ${I(F.deleted)}${e.get(`delete.button`,{recordings:a})}
    </button>
  </div>`}var ni=o` :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: 14px; container: filter / inline-size; } .toolbar { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; } .kinds { display: flex; gap: 4px; padding: 4px; border-radius: 22px; background: color-mix(in srgb, var(--primary-text-color) 7%, transparent); } .kind { min-height: 34px; padding: 0 14px; border-radius: 17px; font-weight: 500; white-space: nowrap; } .kind[aria-pressed="true"] { background: var(--vp-card); box-shadow: inset 0 0 0 1px var(--vp-line), 0 1px 3px rgba(0, 0, 0, 0.22); } .count { font-weight: 400; color: var(--secondary-text-color); } .search { flex: 1 1 150px; min-width: 0; display: flex; align-items: center; gap: 8px; border-radius: 20px; min-height: 42px; } .search:focus-within { outline: 2px solid var(--vp-accent); } .search input { flex: 1; min-width: 0; border: 0; outline: 0; background: none; height: 38px; } .search input::placeholder { color: var(--secondary-text-color); opacity: 1; } .rooms { display: flex; gap: 8px; overflow-x: auto; scrollbar-width: thin; padding: 2px; } .room { flex: none; min-height: 36px; padding: 0 14px; border-radius: 18px; border: 1px solid var(--vp-line); background: var(--vp-card); white-space: nowrap; } .room[aria-pressed="true"] { background: var(--vp-tint); border-color: var(--vp-accent); font-weight: 500; } @media (pointer: coarse) { .room, .kind { min-height: 48px; border-radius: 24px; } .icon-button { width: 48px; height: 48px; } } .tools { display: flex; } .icon-button.on { background: var(--vp-tint); color: var(--primary-text-color); } .filters { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; padding: 16px; align-items: end; } .filters label { display: grid; gap: 4px; font-size: 13px; color: var(--secondary-text-color); } .filters .field { width: 100%; font-size: 14px; color: var(--primary-text-color); } @container filter (max-width: 639px) { .kinds { order: 3; flex: 1 1 100%; flex-wrap: wrap; } .kind { flex: 1 0 auto; padding: 0 10px; } } `,ri=class extends N{constructor(...e){super(...e),this.filter={},this.selecting=!1,this.open=!1}static{this.styles=[L,ni]}focusSearch(){this.renderRoot.querySelector(`input[type=search]`)?.focus()}choose(e){this.emit(`vp-filter`,e)}render(){let{filter:e}=this,t=[null,...Qe.filter(e=>e!==`near_miss`||this.counts?.[e]||this.filter.kind===e)],n=e.first_day||e.last_day||e.satellite_id;return x`<div class="toolbar">
        <div class="kinds" role="group" aria-label=${this.t(`recordings.kinds`)}>
          ${t.map(e=>this.kind(e))}
        </div>
        <label class="search field"
          >${I(F.search)}<span class="sr">${this.t(`recordings.search`)}</span
          ><input
            type="search"
            placeholder=${this.t(`recordings.search`)}
            @input=${e=>this.emit(`vp-search`,e.target.value)}
        /></label>
        <div class="tools">
          <button
            class="icon-button ${n?`on`:``}"
            aria-expanded=${this.open}
            aria-label=${this.t(`recordings.filter`)}
            title=${this.t(`recordings.filter`)}
            @click=${()=>this.open=!this.open}
          >
            ${I(F.filter)}
          </button>
          ${this.admin?x`<button
                  class="icon-button ${this.selecting?`on`:``}"
                  aria-pressed=${this.selecting}
                  aria-label=${this.t(`recordings.select`)}
                  title=${this.t(`recordings.select`)}
                  @click=${()=>this.emit(`vp-selecting`)}
                >
                  ${I(F.select)}
                </button>`:C}
        </div>
      </div>
      ${this.open?this.fields():C} ${this.state.satellites.length>1?this.rooms():C}`}rooms(){let e=this.filter.satellite_id??null,t=(t,n)=>x`<button class="room" aria-pressed=${e===t} @click=${()=>this.choose({satellite_id:t})}>
        <bdi>${n}</bdi>
      </button>`;return x`<div class="rooms" role="group" aria-label=${this.t(`recordings.satellite`)}>
      ${t(null,this.t(`recordings.all_satellites`))} ${this.state.satellites.map(({id:e,name:n})=>t(e,n))}
    </div>`}kind(e){let t=this.counts?.[e??`all`];return x`<button
      class="kind"
      aria-pressed=${(this.filter.kind??null)===e}
      @click=${()=>this.choose({kind:e})}
    >
      ${this.t(`recordings.kind_${e??`all`}`)}
      ${t===void 0?C:x`<bdi class="count">${this.texts.number(t)}</bdi>`}
    </button>`}fields(){let{filter:e}=this,t=e=>e.target.value||null;return x`<div class="filters card">
      <label
        >${this.t(`recordings.from`)}<input
          class="field"
          type="date"
          .value=${e.first_day??``}
          @change=${e=>this.choose({first_day:t(e)})}
      /></label>
      <label
        >${this.t(`recordings.to`)}<input
          class="field"
          type="date"
          .value=${e.last_day??``}
          @change=${e=>this.choose({last_day:t(e)})}
      /></label>
      <label
        >${this.t(`recordings.satellite`)}<select
          class="field"
          @change=${e=>this.choose({satellite_id:t(e)})}
        >
          <option value="">${this.t(`recordings.all_satellites`)}</option>
          ${this.state.satellites.map(({id:t,name:n})=>x`<option value=${t} ?selected=${t===e.satellite_id}>${n}</option>`)}
        </select></label
      >
      <button class="button" @click=${()=>this.choose({first_day:null,last_day:null,satellite_id:null})}>
        ${this.t(`recordings.clear_filter`)}
      </button>
    </div>`}};M([D({attribute:!1})],ri.prototype,`filter`,void 0),M([D({attribute:!1})],ri.prototype,`counts`,void 0),M([D({attribute:!1})],ri.prototype,`selecting`,void 0),M([O()],ri.prototype,`open`,void 0),P(`voice-privacy-filter`,ri);function ii(e,t,n){let r=hn(e,n);return x`<small>${pn(e,t,n)} ${r?x`<bdi>${r}</bdi>`:``}</small>`}function ai(e,t){return x`<ul class="strip" tabindex="0" aria-label=${e.get(`tabs.microphones`)}>
    ${t.state.satellites.map(n=>x`<li class="chip">
          ${V(n)}<span><bdi>${n.name}</bdi>${ii(e,t,n)}</span>
        </li>`)}
  </ul>`}function oi(e,t){let n=t.state;return x`<section class="card rail">
      <h2>${e.get(`tabs.microphones`)}</h2>
      ${n.satellites.map(n=>x`<div class="mic-row">
            ${V(n)}
            <span
              ><b><bdi>${n.name}</bdi></b
              >${ii(e,t,n)}</span
            >
          </div>`)}
    </section>
    <section class="card rail">
      <h2>${e.get(`recordings.kept_here`)}</h2>
      <p class="big"><bdi>${Jn(e,n)}</bdi></p>
      <p class="muted-text">${e.count(`recordings`,n.house.recordings)}</p>
      ${Yn(e,n)}
      <p class="muted-text small">${e.get(`recordings.sealed`)}</p>
    </section>`}var si=[[[`J`,`K`],`keys.next`],[[`Space`],`keys.play`],[[`O`],`keys.open`],[[`X`],`keys.select`],[[`Shift`],`keys.range`],[[`Del`],`keys.delete`],[[`Ctrl+Z`],`keys.undo`],[[`/`],`keys.search`],[[`Esc`],`keys.leave`]],ci=class extends N{constructor(...e){super(...e),this.shown=!1}static{this.styles=[L,Bt]}async open(){this.shown=!0,await this.updateComplete,this.renderRoot.querySelector(`dialog`).showModal()}render(){return x`<dialog
      aria-labelledby="title"
      @close=${()=>this.shown=!1}
      @keydown=${e=>e.stopPropagation()}
    >
      ${this.shown?x`<div class="dialog">
              <h2 id="title">${this.t(`keys.title`)}</h2>
              <dl class="receipt">
                ${si.map(([e,t])=>x`<div>
                      <dt>${this.t(t)}</dt>
                      <dd>${e.map((e,t)=>x`${t?` `:C}<kbd>${e}</kbd>`)}</dd>
                    </div>`)}
              </dl>
              <div class="actions">
                <button class="button" @click=${()=>this.renderRoot.querySelector(`dialog`).close()}>
                  ${this.t(`common.close`)}
                </button>
              </div>
            </div>`:C}
    </dialog>`}};M([O()],ci.prototype,`shown`,void 0),P(`voice-privacy-keys`,ci);var li=class{constructor(e={}){this.filter=e,this.recordings=[],this.more=!0,this.counts={all:0,command:0,false_wake:0},this.days=/* @__PURE__ */ new Map,this.gone=/* @__PURE__ */ new Set}get cursor(){return this.recordings.at(-1)?.sequence??null}append(e){let t=new Set(this.recordings.map(e=>e.id));for(let n of e.recordings)!t.has(n.id)&&!this.gone.has(n.id)&&this.recordings.push(n);for(let[t,n]of Object.entries(e.days))this.days.set(t,{...n});e.counts&&(this.counts={...e.counts}),this.more=e.more}matches(e){let{first_day:t,last_day:n,satellite_id:r,kind:i}=this.filter;return!this.gone.has(e.id)&&(!t||e.day>=t)&&(!n||e.day<=n)&&(!r||e.satellite_id===r)&&(!i||e.kind===i)}back(e){this.gone.delete(e)}add(e){if(!this.matches(e)||this.recordings.some(t=>t.id===e.id))return!1;let{cursor:t}=this;if(this.more&&t!==null&&e.sequence<t)return this.count(e,1),!0;let n=this.recordings.findIndex(t=>t.sequence<e.sequence);return this.recordings.splice(n<0?this.recordings.length:n,0,e),this.count(e,1),!0}replace(e){let t=this.recordings.findIndex(t=>t.id===e.id);t>=0&&(this.recordings[t]=e)}remove(e){let t=new Set(e);for(let e of t)this.gone.add(e);for(let e of this.recordings)t.has(e.id)&&this.count(e,-1);this.recordings=this.recordings.filter(e=>!t.has(e.id))}knowsAll(e){let t=new Set(this.recordings.map(e=>e.id));return e.every(e=>t.has(e))}recount(e){e.counts&&(this.counts={...e.counts});for(let[t,n]of Object.entries(e.days))this.days.set(t,{...n})}found(e){this.recordings.push(...e.filter(e=>!this.gone.has(e.id)))}grouped(){let e=[];for(let t of this.recordings){let n=e.at(-1);if(n?.day===t.day)n.recordings.push(t);else{let n=this.days.get(t.day)??{count:0,size:null};e.push({day:t.day,figures:n,recordings:[t]})}}return e}count(e,t){this.counts={...this.counts,all:this.counts.all+t,[e.kind]:(this.counts[e.kind]??0)+t};let n=this.days.get(e.day)??{count:0,size:e.size===null?null:0},r=n.size===null||e.size===null?null:n.size+t*e.size;this.days.set(e.day,{count:n.count+t,size:r})}};function ui(e,t,n){let r=new Set(e);for(let e of t)n?r.add(e):r.delete(e);return r}var di=200,fi=class{constructor(e){this.host=e,this.timeline=new li,this.fresh=/* @__PURE__ */ new Set,this.removed=/* @__PURE__ */ new Map,this.searched=!1,this.loading=!1,this.loaded=!1,e.addController(this)}hostDisconnected(){this.begin(this.timeline.filter)}get waiting(){return this.loading||!this.loaded}begin(e,t=!1){this.removed.clear(),this.timeline=new li(e),this.timeline.more=!t,this.searched=t,this.loading=this.loaded=!1,this.failure=void 0,this.host.requestUpdate()}async loadMore(){let{timeline:e}=this;if(!(this.loading||this.failure||!e.more)){this.loading=!0,this.host.requestUpdate();try{let t=await this.list(e,{before:e.cursor,limit:50});if(e!==this.timeline)return;e.append(t)}catch(t){if(e!==this.timeline)return;this.failure=j(t)}this.loading=!1,this.loaded=!0,this.host.requestUpdate()}}found(e){this.timeline.found(e),this.host.requestUpdate()}fail(e){this.failure=e,this.host.requestUpdate()}async add(e){let{timeline:t}=this;t.back(e.id);let n=this.removed.get(e.id);if(n)this.removed.delete(e.id),t.add(n),this.host.requestUpdate();else if(!this.searched&&t.matches(e))try{let n=await this.host.connection.call(`recordings/get`,{recording_id:e.id});if(t!==this.timeline||!t.add(n))return;this.fresh=ui(this.fresh,[e.id],!0),this.host.requestUpdate()}catch{}}remove(e){let t=this.timeline.knowsAll(e);for(let t of this.timeline.recordings)e.includes(t.id)&&this.remember(t);this.timeline.remove(e),!t&&!this.searched&&this.recount(),this.host.requestUpdate()}remember(e){this.removed.set(e.id,e),this.removed.size>di&&this.removed.delete(this.removed.keys().next().value)}async recount(){let{timeline:e}=this;try{e.recount(await this.list(e,{limit:1,content:!1})),this.host.requestUpdate()}catch{}}list({filter:e},t){return this.host.connection.call(`recordings/list`,{...e,...t})}},pi=class{constructor(e,t){this.host=e,this.endReached=t,this.heights=/* @__PURE__ */ new Map,this.near=/* @__PURE__ */ new Set,e.addController(this)}hostConnected(){this.chunks=new IntersectionObserver(e=>this.moved(e),{rootMargin:`1200px 0px`}),this.end=new IntersectionObserver(e=>{e.some(e=>e.isIntersecting)&&this.endReached()},{rootMargin:`800px 0px`})}hostDisconnected(){this.chunks?.disconnect(),this.end?.disconnect()}hostUpdated(){for(let e of this.host.renderRoot.querySelectorAll(`[data-chunk]`))this.chunks?.observe(e);this.end?.disconnect();let e=this.host.renderRoot.querySelector(`[data-end]`);e&&this.end?.observe(e)}clear(){this.heights.clear(),this.near.clear()}split(e){return Array.from({length:Math.ceil(e.length/25)},(t,n)=>{let r=e.slice(n*25,(n+1)*25);return{key:r[0].id,items:r}})}heightOf(e){return this.near.has(e)?void 0:this.heights.get(e)}moved(e){for(let{target:t,isIntersecting:n,boundingClientRect:r}of e){let e=t.dataset.chunk;n?this.near.add(e):this.near.delete(e)&&this.heights.set(e,r.height)}this.host.requestUpdate()}},mi=class{constructor(e,t){this.host=e,this.ids=t,this.entered=!1,this.onKey=e=>{let t={ArrowDown:1,ArrowUp:-1}[e.key],n=e.composedPath()[0];if(!t||n.matches(`input[type=range]`))return;let r=this.ids(),i=r[r.indexOf(this.active??``)+t];i&&(e.preventDefault(),this.reach(i),this.focus(`[data-id="${i}"] .play`))},e.addController(this)}hostUpdate(){this.active??=this.ids()[0]}reach(e){this.entered=!0,this.active!==e&&(this.active=e,this.host.requestUpdate())}move(e){let t=this.ids(),n=this.host.renderRoot.activeElement?.closest(`[data-id]`)?.dataset.id===this.active?t[t.indexOf(this.active??``)+e]:this.entered&&t.includes(this.active??``)?this.active:t[0];if(n)return this.reach(n),this.focus(`[data-id="${n}"] .play`),n}enter(){this.active&&(this.reach(this.active),this.focus(`[data-id="${this.active}"] .play`))}focus(e){this.host.updateComplete.then(()=>this.host.renderRoot.querySelector(e)?.focus())}},hi=class{constructor(e,t){this.host=e,this.list=t,this.text=``,e.addController(this)}hostDisconnected(){this.stop()}get running(){return this.progress?.running??!1}type(e){this.text=e.trim(),clearTimeout(this.timer),this.timer=setTimeout(()=>{this.text?this.start():this.progress&&this.host.searchCleared()},350)}start(){this.stop();let e={done:0,total:0,running:!0};this.progress=e,this.host.searchStarted(),this.follow(e)}stop(){clearTimeout(this.timer),this.end?.(),this.end=this.progress=void 0,this.host.requestUpdate()}async follow(e){let{connection:t,filter:n}=this.host;try{let r=await t.follow(`recordings/search`,{text:this.text,...n},t=>{e===this.progress&&this.receive(e,t)});e===this.progress?this.end=r:r()}catch(t){e===this.progress&&this.fail(e,j(t))}}receive(e,t){switch(t.type){case`progress`:e.done=t.done,e.total=t.total,this.list.found(t.recordings);break;case`finished`:e.running=!1;break;case`failed`:this.fail(e,j(t))}this.host.requestUpdate()}fail(e,t){e.running=!1,this.list.fail(t),this.host.requestUpdate()}},gi=class{constructor(e){this.host=e,this.ids=/* @__PURE__ */ new Set,this.offered=!1,e.addController(this)}hostDisconnected(){this.clear()}get size(){return this.ids.size}get shown(){return this.offered||this.size>0}has(e){return this.ids.has(e)}hasAll(e){return e.every(e=>this.ids.has(e))}set(e,t){this.ids=ui(this.ids,e,t),this.host.requestUpdate()}pick(e,t,n,r){let i=r&&this.origin?n.indexOf(this.origin):-1,a=n.indexOf(e),o=i<0||a<0?[e]:n.slice(Math.min(i,a),Math.max(i,a)+1);this.origin=e,this.set(o,t)}leave(){this.offered=!1,this.clear()}clear(){this.origin=void 0,this.ids=/* @__PURE__ */ new Set,this.host.requestUpdate()}toggleOffered(){this.offered=!this.offered,this.offered?this.host.requestUpdate():this.clear()}},_i=`input:not([type=checkbox], [type=range], [type=radio]), textarea, select, [contenteditable]`,vi=`button, a, summary, input, [role=button], [role=tab]`,yi=class{constructor(e,t){this.host=e,this.acts=t,this.onKey=e=>{let t=e.composedPath(),n=t[0];if(e.defaultPrevented||e.isComposing||e.altKey||!this.concerns(t))return;let r=(e.ctrlKey||e.metaKey)&&!e.shiftKey&&e.key.toLowerCase()===`z`;if((e.ctrlKey||e.metaKey)&&!r)return;let i=n instanceof HTMLElement?n:void 0;if(i?.matches(_i)&&e.key!==`Escape`||(e.key===` `||e.key===`Enter`)&&i?.matches(vi))return;let a=this.acts[r?`undo`:e.key];a?.(e)&&(e.preventDefault(),e.stopImmediatePropagation())},e.addController(this)}hostConnected(){window.addEventListener(`keydown`,this.onKey,!0)}hostDisconnected(){window.removeEventListener(`keydown`,this.onKey,!0)}concerns(e){if(e.some(e=>e instanceof HTMLElement&&e.matches(`dialog, ha-dialog, [role=dialog]`)))return!1;let t=this.host.getRootNode(),n=t instanceof ShadowRoot?t.host:document.body;return e[0]===document.body||e[0]===document||e.includes(n)}};function bi(e,t,n){let{started_at:r,day:i,satellite_id:a,transcript:o=null}=n;return{text:o,about:`${i===t.state.house.today?e.time(r):e.dateTime(r)}, ${t.nameOf(a)??e.get(`common.removed_satellite`)}`}}function xi(e,t,n){let{id:r}=n;return{title:e.get(`delete.title_one`),request:{scope:`ids`,recording_ids:[r]},quotes:[bi(e,t,n)],undoable:r}}function Si(e,t,n,r){return{title:e.get(`delete.title_selection`,{recordings:e.count(`recordings`,n.size)}),request:{scope:`ids`,recording_ids:[...n]},quotes:r.filter(({id:e})=>n.has(e)).map(n=>bi(e,t,n))}}function Ci(e,t,n){let r=e.day(n,t.state.house.today);return{title:e.get(`delete.title_day`,{day:r}),request:{scope:`day`,day:n}}}function wi(e){let t=(t,n=!1)=>()=>{let{reached:r}=e;return!r||n&&!e.mayDelete(r)?!1:(t(r),!0)},n=t(t=>e.delete(t),!0);return{j:()=>e.move(1),k:()=>e.move(-1)," ":t(t=>e.play(t)),o:t(t=>e.open(t)),x:t(t=>{e.select(t,!e.selection.has(t.id),!1),e.enter()},!0),Delete:t=>e.selection.size?(e.deleteSelected(),!0):n(t),"/":()=>(e.search(),!0),"?":()=>(e.help(),!0),undo:()=>e.undo(),Escape:()=>e.selection.shown?(e.selection.leave(),!0):!1}}function Ti(e){let t=e.composedPath();return!t.slice(0,t.indexOf(e.currentTarget)).some(e=>e instanceof Element&&e.matches(`button, input, a`))&&!String(getSelection()??``)}var Ei=class extends N{constructor(){super(),this.filter={},this.loader=new fi(this),this.searching=new hi(this,this.loader),this.selection=new gi(this),this.focused=new mi(this,()=>this.timeline.recordings.map(e=>e.id)),this.window=new pi(this,()=>void this.loader.loadMore()),this.days=new Ar(this),this.listened=!1,new On(this),new yi(this,wi(this))}get timeline(){return this.loader.timeline}connectedCallback(){super.connectedCallback(),this.player=new sr(this.connection,()=>{this.requestUpdate(),this.detail?.requestUpdate()},e=>this.notify(this.texts.error(e.code))),this.listened=this.mayListen,this.reload()}disconnectedCallback(){super.disconnectedCallback(),this.player.stop()}stateChanged(){let{mayListen:e}=this;e&&!this.listened&&this.reload(),!e&&this.listened&&(this.player.stop(),this.searching.stop(),this.begin()),this.listened=e,this.requestUpdate()}recordingsAdded(e){if(this.mayListen){for(let t of e)this.loader.add(t);this.days.soon()}}recordingsDeleted(e){this.player.id&&e.includes(this.player.id)&&(this.player.stop(),this.notify(this.t(`recordings.deleted_while_playing`))),e.includes(this.detail?.shown??``)&&this.detail.close(),this.loader.remove(e),this.selection.set(e,!1),this.days.soon()}recordingsReset(){this.player.stop(),this.reload()}get mayListen(){return this.connection.state?.permissions.listen??!1}begin(e=!1){this.loader.begin(this.filter,e),this.window.clear(),this.selection.clear()}async reload(){this.searching.stop(),this.begin(),this.mayListen&&(this.searching.text?this.searching.start():await this.loader.loadMore(),await this.days.load())}setFilter({detail:e}){this.filter={...this.filter,...e},this.reload()}searchStarted(){this.begin(!0)}searchCleared(){this.reload()}play(e){this.notify(``),this.player.toggle(e.id)}seek(e,t){this.player.seek(e.id,t)}select(e,t,n){this.selection.pick(e.id,t,this.selectable,n)}open(e){this.detail?.open(e)}delete(e){this.ask(xi(this.texts,this.connection,e))}get detail(){return this.renderRoot.querySelector(`voice-privacy-detail`)}get selectable(){return this.timeline.recordings.filter(e=>this.mayDelete(e)).map(({id:e})=>e)}nameOf(e){return this.connection.nameOf(e.satellite_id)??this.t(`common.removed_satellite`)}get reached(){return this.timeline.recordings.find(({id:e})=>e===this.focused.active)}move(e){return this.focused.move(e)!==void 0}enter(){this.focused.enter()}search(){this.renderRoot.querySelector(`voice-privacy-filter`)?.focusSearch()}help(){this.renderRoot.querySelector(`voice-privacy-keys`)?.open()}step(e){let{recordings:t}=this.timeline,n=t.findIndex(({id:e})=>e===this.detail?.shown),r=n<0?void 0:t[n+e];r&&(this.focused.reach(r.id),this.detail?.open(r))}undo(){return this.getRootNode().querySelector(`voice-privacy-deletion`)?.undo()??!1}clicked(e,t){Ti(e)&&(this.selection.shown&&this.mayDelete(t)?this.select(t,!this.selection.has(t.id),e.shiftKey):this.open(t))}async downloadSelected(){let e=[...this.selection.ids];if(e.length>200)return;let[t]=this.timeline.recordings.filter(({id:t})=>t===e[0]);e.length===1&&t?await this.download(t):await this.attempt(()=>wn(this.connection,e,this.house.today))}async download(e){await this.attempt(()=>Cn(this.connection,e))}ask(e){this.emit(`vp-delete`,e)}deleteSelected(){this.ask(Si(this.texts,this.connection,this.selection.ids,this.timeline.recordings))}focusList(){this.focused.focus(`#list-title`)}mayDelete(e){return this.admin||this.state.may.delete_selected.includes(e.satellite_id)}deleteDay(e){this.ask(Ci(this.texts,this.connection,e))}};M([O()],Ei.prototype,`filter`,void 0),P(`voice-privacy-recordings`,class extends Ei{static{this.styles=[L,Dr,Er,Or]}render(){let{connection:e,state:t,texts:n}=this,{store_error:r}=t.house,{progress:i}=this.searching,a=this.timeline.recordings.length;return x`<div class="columns">
      <div class="main">
        ${r?x`<div class="note warn" role="alert">
                ${I(F.alert)}<span>${n.error(r)}</span>
              </div>`:C}
        ${ai(n,e)}
        ${t.permissions.listen?x`${this.filters()}${this.calendar()}${i?$r(n,i,a):C}${this.list()}`:Jr(n,t)}
      </div>
      <aside>${oi(n,e)}</aside>
      ${ti(n,this.selection,{all:this.selection.hasAll(this.selectable)?void 0:()=>this.selection.set(this.selectable,!0),download:this.admin?()=>void this.downloadSelected():void 0,remove:()=>this.deleteSelected()})}
      ${this.dialogs()}
    </div>`}calendar(){return Nr(this.texts,this.house.today,this.days.counts,this.filter,e=>{this.filter={...this.filter,first_day:e,last_day:e},this.reload()})}dialogs(){return x`<voice-privacy-detail
        .connection=${this.connection}
        .texts=${this.texts}
        .player=${this.player}
        .actions=${this}
        .mayDelete=${e=>this.mayDelete(e)}
        .step=${e=>this.step(e)}
        @vp-detail-closed=${({detail:e})=>this.focused.focus(`[data-id="${e}"] .play`)}
      ></voice-privacy-detail>
      <voice-privacy-keys .connection=${this.connection} .texts=${this.texts}></voice-privacy-keys>`}filters(){return x`<voice-privacy-filter
      .connection=${this.connection}
      .texts=${this.texts}
      .filter=${this.filter}
      .counts=${this.searching.progress?void 0:this.timeline.counts}
      .selecting=${this.selection.offered}
      @vp-filter=${this.setFilter}
      @vp-search=${({detail:e})=>this.searching.type(e)}
      @vp-selecting=${()=>this.selection.toggleOffered()}
    ></voice-privacy-filter>`}list(){let e=this.timeline.grouped();if(!e.length)return this.noRows();let{more:t}=this.timeline,{failure:n}=this.loader;return x`<h2 class="sr" id="list-title" tabindex="-1">${this.t(`tabs.recordings`)}</h2>
      <div class=${this.selection.shown?`selecting`:``} @keydown=${this.focused.onKey}>
        ${Tr(e,(e,t)=>`${e.day}/${t}`,e=>this.day(e))}
      </div>
      ${n?Qr(this.texts,n,()=>void this.reload()):C}
      ${t&&!n?x`<div data-end class="ghosts">${Xr()}</div>`:C}
      ${t||this.searching.progress?C:x`<p class="last muted-text">${this.t(`recordings.end`)}</p>`}`}noRows(){let{failure:e}=this.loader,t=this.searching.progress!==void 0;return e?Qr(this.texts,e,()=>void this.reload()):(t?this.searching.running:this.loader.waiting)?Zr(this.texts):Yr(this.texts,this.state,t)}day(e){let t=this.texts.day(e.day,this.house.today),n=e.recordings.filter(e=>this.mayDelete(e)).map(e=>e.id);return x`<section aria-label=${t}>
      ${ei(this.texts,{day:e,name:t,ids:n,searched:this.searching.progress!==void 0,selection:this.selection,remove:this.admin?()=>this.deleteDay(e.day):void 0})}
      <div class="rows card" role="list">
        ${Tr(this.window.split(e.recordings),e=>e.key,({key:e,items:t})=>this.piece(e,t))}
      </div>
    </section>`}piece(e,t){let n=this.window.heightOf(e);return x`<div role="presentation" data-chunk=${e} style=${n===void 0?``:`height:${n}px`}>
      ${n===void 0?Tr(t,e=>e.id,e=>this.row(e)):C}
    </div>`}row(e){let{id:t}=e,n=this.nameOf(e),r=this.player.id===t;return x`<voice-privacy-recording
      role="listitem"
      class="row ${r?`current`:``} ${this.loader.fresh.has(t)?`fresh`:``}"
      data-id=${t}
      aria-label=${Ur(this.texts,e,n)}
      .texts=${this.texts}
      .recording=${e}
      .name=${n}
      .actions=${this}
      .reached=${this.focused.active===t}
      .selected=${this.selection.has(t)}
      .mayDelete=${this.mayDelete(e)}
      .mayDownload=${this.admin}
      .playing=${r?this.player.state:void 0}
      .progress=${r?this.player.progress:0}
      .sought=${this.searching.progress?this.searching.text:``}
      @click=${t=>this.clicked(t,e)}
      @focusin=${()=>this.focused.reach(t)}
    ></voice-privacy-recording>`}});var Di=`component.${k}.config_panel.`,Oi=class{constructor(e,t={},n,r,i){this.language=e,this.resources=t,this.timeZone=n,this.hour12=r,this.houseZone=i,this.plural=new Intl.PluralRules(e)}get(e,t={}){return(this.resources[Di+e]??``).replace(/\{(\w+)\}/g,(e,n)=>n in t?String(t[n]):e)}count(e,t){let n=this.number(t);return this.get(`plural.${e}_${this.plural.select(t)}`,{count:n,number:n})}noun(e,t){return this.get(`figure.${e}_${this.plural.select(t)}`)}list(e){return new Intl.ListFormat(this.language).format(e.map(e=>`\u2068${e}\u2069`))}error(e){return this.get(`errors.${e}`)||this.get(`errors.failed`)}number(e,t={}){return new Intl.NumberFormat(this.language,t).format(e)}percent(e){return this.number(e,{style:`percent`,maximumFractionDigits:0})}size(e){let t=[`byte`,`kilobyte`,`megabyte`,`gigabyte`],n=e,r=0;for(;n>=1e3&&r<t.length-1;)n/=1e3,r+=1;let i=+(r>0&&n<10);return this.number(n,{style:`unit`,unit:t[r],maximumFractionDigits:i})}behind(e){return e===null?C:x` · <bdi class="size">${this.size(e)}</bdi>`}languageName(e){try{return new Intl.DisplayNames(this.language,{type:`language`}).of(e)??e}catch{return e}}seconds(e){return this.number(e,{style:`unit`,unit:`second`,unitDisplay:`narrow`,minimumFractionDigits:1,maximumFractionDigits:1})}clock(e){let t=Math.max(0,Math.floor(e));return`${Math.floor(t/60)}:${String(t%60).padStart(2,`0`)}`}time(e){return this.date(e,{hour:`numeric`,minute:`2-digit`})}timeWithSeconds(e){return this.date(e,{hour:`numeric`,minute:`2-digit`,second:`2-digit`})}dateTime(e){return this.date(e,{day:`numeric`,month:`short`,hour:`numeric`,minute:`2-digit`})}until(e,t=Date.now()){return Date.parse(e)-t<864e5?this.dateTime(e):this.date(e,{day:`numeric`,month:`short`})}day(e,t){let[n,r,i]=e.split(`-`).map(Number),a=new Date(Date.UTC(n,r-1,i,12)),o=e.slice(0,4)!==t.slice(0,4),s=new Intl.DateTimeFormat(this.language,{weekday:`long`,day:`numeric`,month:`long`,...o?{year:`numeric`}:{},timeZone:`UTC`}).format(a),c=Math.round((Date.parse(t)-Date.parse(e))/864e5);if(c!==0&&c!==1)return s;let l=new Intl.RelativeTimeFormat(this.language,{numeric:`auto`}).format(-c,`day`);return`${l.charAt(0).toLocaleUpperCase(this.language)}${l.slice(1)} · ${s}`}isoDay(e,t=this.timeZone){let n=new Intl.DateTimeFormat(`en-US`,{timeZone:t,year:`numeric`,month:`2-digit`,day:`2-digit`}).formatToParts(new Date(e)),r=e=>n.find(t=>t.type===e).value;return`${r(`year`)}-${r(`month`)}-${r(`day`)}`}startOfDay(e,t=0){let[n,r,i]=e.split(`-`).map(Number),a=Date.UTC(n,r-1,i+t),o=new Date(a).toISOString().slice(0,10);for(let e=-840;e<=840;e+=15){let t=new Date(a+e*6e4);if(this.isoDay(t.toISOString(),this.houseZone)===o)return t.toISOString()}return new Date(a).toISOString()}date(e,t){return new Intl.DateTimeFormat(this.language,{...t,timeZone:this.timeZone,...t.hour&&this.hour12!==void 0?{hour12:this.hour12}:{}}).format(typeof e==`string`?new Date(e):e)}};async function ki(e){let{resources:t}=await e.callWS({type:`frontend/get_translations`,language:e.language,category:`config_panel`,integration:[k]}),n={12:!0,24:!1}[e.locale.time_format],r=e.locale.time_zone===`server`?e.config.time_zone:void 0;return new Oi(e.language,t,r,n,e.config.time_zone)}var Ai=class extends E{get hass(){return this.current}set hass(e){this.current=e,this.connection?this.connection.update(e):(this.connection=new nt(e),this.created(this.connection),this.follow());let t=`${e.language}/${e.locale.time_format}/${e.locale.time_zone}`;t!==this.language&&(this.language=t,ki(e).then(e=>this.translated(e))),this.style.colorScheme=e.themes.darkMode?`dark`:`light`}connectedCallback(){super.connectedCallback(),this.follow()}disconnectedCallback(){super.disconnectedCallback(),this.unlisten?.(),this.unlisten=void 0,this.connection?.close()}stateChanged(){this.requestUpdate()}created(e){}translated(e){this.texts=e}follow(){this.connection&&this.isConnected&&!this.unlisten&&(this.unlisten=this.connection.listen(this),this.connection.open())}};M([O()],Ai.prototype,`texts`,void 0),M([D({attribute:!1})],Ai.prototype,`hass`,null);var ji=o` :host { container-type: inline-size; margin-bottom: 20px; } section { display: flex; flex-wrap: wrap; align-items: center; gap: 12px 24px; } .line { display: flex; align-items: center; gap: 12px; flex: 1 1 320px; min-width: 0; font-size: 15px; font-weight: 500; text-wrap: pretty; } .line .icon { width: 28px; height: 28px; color: var(--vp-good-text); } .line.warn .icon { color: var(--vp-warn-text); } .buttons { display: flex; gap: 8px; } button { min-height: 56px; min-width: 132px; padding: 6px 18px 6px 14px; justify-content: flex-start; gap: 12px; text-align: start; border-radius: 16px; font-weight: 500; border: 1px solid var(--vp-line); background: var(--vp-card); transition: background 120ms; } button:hover { background: color-mix(in srgb, var(--primary-text-color) 6%, var(--vp-card)); } button .icon { width: 24px; height: 24px; color: var(--secondary-text-color); } button small { display: block; font-size: 12px; font-weight: 400; line-height: 1.2; color: var(--secondary-text-color); } button[aria-checked="true"] { border: 2px solid var(--vp-accent); background: color-mix(in srgb, var(--vp-accent) 16%, var(--vp-card)); } button[aria-checked="true"] .icon, button[aria-checked="true"] small { color: var(--primary-text-color); } @container (max-width: 640px) { .line { flex-basis: 100%; } .buttons { flex: 1; flex-wrap: wrap; } button { flex: 1 1 132px; } } `;P(`voice-privacy-strip`,class extends N{static{this.styles=[L,ji]}render(){let{house:e,satellites:t,permissions:n,may:r,unprotected:i}=this.state,a=t.filter(({id:e})=>n.control.includes(e)),o=a.length>0&&a.every(({toggles:e})=>e.muted.on),s=e.toggles.guest_mode.on,c=!!i?.length||!t.every(z)||e.store_error!==null;return x`<section aria-label=${this.t(`strip.title`)}>
      <p class="line ${c?`warn`:``}">
        ${I(c?F.shieldAlert:F.shield)}<span id="house-line"
          >${nn(this.texts,this.state)}</span
        >
      </p>
      <div class="buttons">
        ${r.guest_mode?this.button(`guest-mode`,F.guests,this.t(`consent.guest_mode`),s,e=>({toggle:`guest_mode`,on:e})):C}
        ${a.length?this.button(`mute-all`,F.muted,this.t(`microphones.mute_all`),o,e=>({toggle:`muted`,on:e,satellite_ids:a.map(({id:e})=>e)})):C}
      </div>
    </section>`}button(e,t,n,r,i){return x`<button
      id=${e}
      role="switch"
      aria-checked=${r}
      @click=${()=>void this.attempt(()=>this.connection.call(`settings/set`,i(!r)))}
    >
      ${I(t)}<span>${n}<small aria-hidden="true">${this.t(r?`strip.on`:`strip.off`)}</small></span>
    </button>`}});var Mi=o` :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: 12px; } .start { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: flex-end; } .start label { display: grid; gap: 4px; flex: 0 1 280px; min-width: 0; font-size: 13px; color: var(--secondary-text-color); } .start .field { width: 100%; font-size: 14px; color: var(--primary-text-color); text-overflow: ellipsis; } dl { margin: 0; display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 10px 16px; align-items: center; } dt { color: var(--secondary-text-color); } dd { margin: 0; display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; font-weight: 500; } dd bdi { min-width: 5ch; font-variant-numeric: tabular-nums; } .meter { position: relative; flex: 1 1 120px; max-width: 480px; height: 10px; border-radius: 5px; background: color-mix(in srgb, var(--primary-text-color) 14%, transparent); } .meter i { position: absolute; inset-block: 0; inset-inline-start: 0; border-radius: 5px; background: var(--vp-accent); transition: width 200ms linear; } .meter.over i { background: var(--vp-good-text); } .meter b { position: absolute; inset-block: -4px; width: 3px; margin-inline-start: -1px; border-radius: 2px; background: var(--primary-text-color); } .said { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; } .now { font-size: 18px; font-weight: 500; } .heard { display: inline-flex; gap: 6px; align-items: center; color: var(--vp-good-text); } @media (pointer: coarse) { .button, .field { min-height: 48px; } .button { border-radius: 24px; } } `,Ni=-70,Pi=1500,Fi=e=>`\u2068${e}\u2069`,Y=class extends N{constructor(...e){super(...e),this.chosen={},this.running=!1,this.times=0,this.best=0,this.wokeAt=0,this.test=0}static{this.styles=[L,Mi]}disconnectedCallback(){super.disconnectedCallback(),this.finish()}firstUpdated(e){super.firstUpdated(e),this.renderRoot.querySelector(`#start`)?.focus()}finish(e){this.test+=1,this.end?.(),this.end=void 0,this.running=!1,this.ended=e}async start(){this.finish();let e=this.test;this.running=!0,this.heard=void 0,this.times=this.best=this.wokeAt=0,this.tested=this.candidate?.id;try{let t=await this.connection.follow(`wake_words/test`,{satellite_id:this.tested,file:this.model.file},t=>{e===this.test&&this.receive(t)});e===this.test?this.end=t:t()}catch(t){let{code:n,placeholders:r}=j(t);e===this.test&&this.finish(this.why(n,r))}}receive(e){e.type===`ended`?this.finish(e.code===null?this.t(`wake_words.ended`):this.why(e.code)):(this.heard=e,this.best=Math.max(this.best,e.score),e.woke&&(Date.now()-this.wokeAt>Pi&&(this.times+=1),this.wokeAt=Date.now()))}why(e,t={}){let n=this.connection.nameOf(this.tested??``)??this.t(`common.removed_satellite`);return this.reasons?this.reasons(e,{name:n,...t}):this.texts.error(e)}get candidates(){return this.state.satellites.filter(({id:e})=>e in this.chosen).map(e=>({satellite:e,able:!!this.chosen[e.id]?.length&&[`listening`,`recording`].includes(e.state)}))}get candidate(){let e=this.candidates.filter(e=>e.able).map(e=>e.satellite);return e.find(({id:e})=>e===this.satelliteId)??e[0]}render(){let{candidate:e}=this;return x`<div class="start">
        <label
          >${this.t(`recordings.satellite`)}<select
            class="field"
            id="satellite"
            ?disabled=${this.running||!e}
            @change=${e=>this.satelliteId=e.target.value}
          >
            ${this.candidates.map(({satellite:t,able:n})=>x`<option value=${t.id} ?disabled=${!n} ?selected=${t.id===e?.id}>
                  ${t.name}${n?``:` (${this.unable(t)})`}
                </option>`)}
          </select></label
        >
        ${this.running?x`<button class="button" id="stop" @click=${()=>this.finish(this.t(`wake_words.ended`))}>
                ${I(F.close)}${this.t(`wake_words.stop`)}
              </button>`:x`<button class="button" id="start" ?disabled=${!e} @click=${()=>void this.start()}>
                ${I(F.listened)}${this.t(`wake_words.start`)}
              </button>`}
      </div>
      ${e?C:x`<p class="note">${I(F.microphone)}<span>${this.t(`wake_words.no_test`)}</span></p>`}
      ${this.running||this.heard?this.meters():C}
      <p class="said" role="status">${this.told()}</p>
      <p class="muted-text">${this.t(`wake_words.test_detail`)}</p>`}unable(e){return this.chosen[e.id]?.length?cn(this.texts,this.connection,e):this.t(`microphones.own_wake_word`)}told(){let e=this.times?x`<strong class="heard"
          >${I(F.done)}${this.t(`wake_words.heard`,{count:this.texts.number(this.times)})}</strong
        >`:C;return this.running?this.heard?x`<strong class="now">${this.t(`wake_words.say_now`,{phrase:this.model.phrase})}</strong> ${e}`:x`${this.t(`common.loading`)}`:this.ended?x`${e} <span>${this.ended}</span>`:C}meters(){let{level:e,score:t,threshold:n}=this.heard??{level:Ni,score:0,threshold:void 0},r=Math.min(1,Math.max(0,(e-Ni)/70)),i=this.texts.percent(t);return x`<dl>
      <dt id="level">${this.t(`wake_words.level`)}</dt>
      <dd>${this.meter(`level`,r,`${this.texts.number(Math.round(e))} dB`)}</dd>
      <dt id="score">${this.t(`wake_words.score`)}</dt>
      <dd>
        ${this.meter(`score`,t,n===void 0?i:this.t(`wake_words.score_of`,{score:Fi(i),threshold:Fi(this.texts.percent(n))}),n)}
      </dd>
      <dt>${this.t(`wake_words.best`)}</dt>
      <dd><bdi id="best">${this.texts.percent(this.best)}</bdi></dd>
    </dl>`}meter(e,t,n,r){return x`<span
        class="meter ${r!==void 0&&t>=r?`over`:``}"
        role="meter"
        aria-labelledby=${e}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${Math.round(t*100)}
        aria-valuetext=${n}
        ><i style="width:${t*100}%"></i
        >${r===void 0?C:x`<b style="inset-inline-start:${r*100}%"></b>`}</span
      ><bdi aria-hidden="true">${n}</bdi>`}};M([D({attribute:!1})],Y.prototype,`model`,void 0),M([D({attribute:!1})],Y.prototype,`chosen`,void 0),M([D({attribute:!1})],Y.prototype,`reasons`,void 0),M([O()],Y.prototype,`satelliteId`,void 0),M([O()],Y.prototype,`running`,void 0),M([O()],Y.prototype,`heard`,void 0),M([O()],Y.prototype,`times`,void 0),M([O()],Y.prototype,`best`,void 0),M([O()],Y.prototype,`ended`,void 0),P(`voice-privacy-wake-word-test`,Y);var Ii=o` article { display: flex; flex-wrap: wrap; gap: 12px 20px; align-items: flex-start; padding: 16px 0; } .what { flex: 1 1 320px; min-width: 0; display: grid; gap: 4px; } .title { display: flex; flex-wrap: wrap; gap: 2px 12px; align-items: center; } h3 { font-size: 16px; font-weight: 500; overflow-wrap: anywhere; } .state .icon { width: 18px; height: 18px; } .state.ready, .state.together { color: var(--vp-good-text); } .state.refused { color: var(--vp-danger-text); } .state.hidden { color: var(--secondary-text-color); } .facts { display: flex; flex-wrap: wrap; gap: 0 16px; } .file, .hidden-by { font-size: 13px; overflow-wrap: anywhere; } .reason { color: var(--vp-danger-text); } .deeds, .row { display: flex; flex-wrap: wrap; gap: 8px; } @media (max-width: 480px) { .deeds .icon { display: none; } } .button[aria-expanded="true"] { background: var(--vp-tint); border-color: var(--vp-accent); } .button.danger-quiet[aria-expanded], .button.danger-quiet[aria-expanded]:hover:not(:disabled) { background: var(--vp-card); } .button.danger-quiet[aria-expanded="true"], .button.danger-quiet[aria-expanded]:hover:not(:disabled) { border-color: currentColor; } .panel { flex: 1 0 100%; min-width: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 12px; padding: 16px; border-radius: 10px; background: color-mix(in srgb, var(--primary-text-color) 4%, transparent); overflow-wrap: anywhere; } fieldset { border: 0; margin: 0; padding: 0; min-width: 0; } legend { padding: 0; margin-bottom: 4px; font-weight: 500; } .box-row { display: flex; gap: 12px; align-items: center; min-height: 40px; cursor: pointer; } @media (pointer: coarse) { .button, .box-row { min-height: 48px; } .button { border-radius: 24px; } } `;function Li(e){return e.split(/[\s_-]+/).filter(Boolean).join(` `).toLowerCase()}var Ri={openwakeword:`openWakeWord`,micro:`microWakeWord`},zi=1,Bi=4,X=class extends N{constructor(...e){super(...e),this.chosen={},this.busy=!1}static{this.styles=[L,Ii]}toggle(e){this.show(this.panel===e?void 0:e)}show(e){this.refusal=void 0,this.left=e?void 0:this.panel,this.emit(`vp-panel`,{file:this.model.file,panel:e})}updated(e){if(super.updated(e),!e.has(`panel`))return;let t=this.panel?`.panel [data-first]`:this.left&&`#${this.left}`;t&&this.renderRoot.querySelector(t)?.focus(),this.left=void 0}onKey(e){e.key===`Escape`&&(e.stopPropagation(),this.show())}async act(e){this.busy=!0,this.refusal=void 0;try{return await e(),!0}catch(e){let{code:t,placeholders:n}=j(e);return this.refusal=this.reasons?this.reasons(t,n):this.texts.error(t),!1}finally{this.busy=!1}}async choose(e,t){let n=e.target,r=n.checked,i=(this.chosen[t]??[]).filter(e=>!this.isThis(e)),a=r?[...i,this.model.wake_word]:i;await this.act(async()=>{await this.connection.call(`wake_words/choose`,{satellite_id:t,wake_words:a}),this.emit(`vp-chosen`,{satelliteId:t,words:a}),this.notify(this.t(`retention.chosen`))})||(n.checked=!r)}async removeModel(){let{file:e}=this.model;await this.act(async()=>{await this.connection.call(`wake_words/remove`,{file:e}),this.notify(this.t(`wake_words.removed`,{file:e})),this.emit(`vp-removed`)})}render(){let{phrase:e,status:t,file:n,size:r,engine:i,cost:a,own:o,removable:s}=this.model,c=[i?Ri[i]:void 0,o&&t===`refused`?void 0:this.t(o?`wake_words.own`:`wake_words.published`),this.texts.size(r),a===null?void 0:this.cost(a)].filter(e=>e!==void 0);return x`<article aria-labelledby="phrase">
      <div class="what">
        <div class="title">
          <h3 id="phrase"><bdi>${e}</bdi></h3>
          ${this.status()}
        </div>
        <p class="facts muted-text">${c.map(e=>x`<span>${e}</span>`)}</p>
        <p class="file muted-text">
          <bdi><code>${n}</code></bdi>
        </p>
        ${t===`refused`?x`<p class="reason">${this.reason()}</p>`:C}
        ${this.beside?x`<p class="muted-text hidden-by">
                ${this.t(t===`together`?`wake_words.together_detail`:`wake_words.hidden_detail`,{file:`\u2068${this.model.used_file??``}\u2069`})}
              </p>`:t===`ready`||this.users.length?x`<p class="used">${this.usedBy()}</p>`:C}
      </div>
      <div class="deeds">
        ${t===`refused`?C:this.deed(`test`,F.listened,`wake_words.test`)}
        ${t===`ready`||t===`refused`&&this.users.length?this.deed(`choose`,F.microphone,`wake_words.choose`):C}
        ${s||!this.beside&&this.users.length?this.deed(`remove`,F.deleted,`wake_words.remove`):C}
      </div>
      ${this.panel?x`<div class="panel" @keydown=${this.onKey}>
              ${{choose:()=>this.choosing(),remove:()=>this.removing(),test:()=>this.testing()}[this.panel]()}
              ${this.refusal?x`<p class="note warn" role="alert">${I(F.alert)}<span>${this.refusal}</span></p>`:C}
            </div>`:C}
    </article>`}deed(e,t,n){return x`<button
      class="button ${e===`remove`?`danger-quiet`:``}"
      id=${e}
      aria-expanded=${this.panel===e}
      @click=${()=>this.toggle(e)}
    >
      ${I(t)}${this.t(n)}<span class="sr"> ${this.model.phrase}, ${this.model.file}</span>
    </button>`}get beside(){return this.model.status===`hidden`||this.model.status===`together`}status(){let{status:e}=this.model,[t,n]={ready:[F.done,`wake_words.ready`],refused:[F.alert,`wake_words.refused`],hidden:[F.listed,`wake_words.hidden`],together:[F.done,`wake_words.together`]}[e];return x`<span class="state ${e}">${I(t)}${this.t(n)}</span>`}cost(e){let t=this.texts.number(e,{style:`unit`,unit:`millisecond`,maximumSignificantDigits:2}),n=e<=zi?this.t(`wake_words.load_low`):this.t(e<=Bi?`wake_words.load_moderate`:`wake_words.load_high`);return this.t(`wake_words.cost`,{cost:t,load:n})}reason(){let{reason:e,reason_placeholders:t}=this.model,n=e??`wake_model`;return this.reasons?this.reasons(n,t):``}isThis(e){return Li(e)===Li(this.model.wake_word)}get users(){return this.model.satellites.map(e=>this.connection.nameOf(e)??this.t(`common.removed_satellite`))}usedBy(){let{users:e}=this;return e.length?this.t(`wake_words.used_by`,{satellites:this.texts.list(e)}):this.t(`wake_words.unused`)}choosing(){let e=Object.keys(this.chosen).filter(e=>this.connection.nameOf(e)!==void 0),t=this.state.satellites.filter(({id:t})=>!e.includes(t)).map(({name:e})=>e);return x`<fieldset>
        <legend>${this.t(`wake_words.choose_legend`,{phrase:this.model.phrase})}</legend>
        ${e.map((e,t)=>x`<label class="box-row"
              ><input
                type="checkbox"
                class="box"
                ?data-first=${t===0}
                aria-disabled=${this.busy}
                .checked=${this.chosen[e].some(e=>this.isThis(e))}
                @click=${e=>this.busy&&e.preventDefault()}
                @change=${t=>void this.choose(t,e)}
              /><bdi>${this.connection.nameOf(e)}</bdi></label
            >`)}
      </fieldset>
      ${e.length?C:x`<p>${this.t(`wake_words.no_satellite`)}</p>`}
      <p class="muted-text">${this.t(`wake_words.choose_detail`)}</p>
      ${t.length?x`<p class="muted-text">${this.t(`wake_words.not_listed`,{satellites:this.texts.list(t)})}</p>`:C}
      ${this.close(!e.length)}`}removing(){let{file:e}=this.model,{users:t}=this;return t.length&&!this.beside?x`<p>${this.t(`wake_words.in_use`,{satellites:this.texts.list(t)})}</p>
        ${this.close(!0)}`:x`<p>${this.t(`wake_words.remove_question`,{file:`\u2068${e}\u2069`})}</p>
      <div class="row">
        <button class="button" data-first @click=${()=>this.show()}>${this.t(`common.cancel`)}</button>
        <button
          class="button danger"
          id="confirm-remove"
          ?disabled=${this.busy}
          @click=${()=>void this.removeModel()}
        >
          ${I(F.deleted)}${this.t(`wake_words.remove`)}
        </button>
      </div>`}testing(){return x`<voice-privacy-wake-word-test
        .connection=${this.connection}
        .texts=${this.texts}
        .reasons=${this.reasons}
        .model=${this.model}
        .chosen=${this.chosen}
      ></voice-privacy-wake-word-test>
      ${this.close(!1)}`}close(e){return x`<div class="row">
      <button class="button" ?data-first=${e} @click=${()=>this.show()}>${this.t(`common.close`)}</button>
    </div>`}};M([D({attribute:!1})],X.prototype,`model`,void 0),M([D({attribute:!1})],X.prototype,`chosen`,void 0),M([D({attribute:!1})],X.prototype,`reasons`,void 0),M([D({attribute:!1})],X.prototype,`panel`,void 0),M([O()],X.prototype,`busy`,void 0),M([O()],X.prototype,`refusal`,void 0),P(`voice-privacy-wake-word`,X);function Vi(e){return e.name.replace(/\.\w+$/,``).toLowerCase()}function Hi(e,...t){return t.some(t=>e.name.toLowerCase().endsWith(t))}function Ui(e){let t=e.filter(e=>Hi(e,`.json`)),n=e.filter(e=>Hi(e,`.onnx`,`.tflite`)),r={uploads:[],refused:[]},i=n.filter(e=>Hi(e,`.tflite`)),a=/* @__PURE__ */ new Set;for(let e of n){let n;Hi(e,`.tflite`)&&(n=t.find(t=>Vi(t)===Vi(e)),!n&&i.length===1&&t.length===1&&(n=t[0])),n&&a.add(n),e.size>16777216?r.refused.push({file:e,key:`wake_words.too_large`}):r.uploads.push({model:e,...n?{manifest:n}:{}})}for(let i of e){if(n.includes(i)||a.has(i))continue;let e=t.includes(i)?`wake_words.manifest_alone`:`wake_words.choose_model`;r.refused.push({file:i,key:e})}return r}async function Wi(e,t){let n=await e.exceptions(t.language).catch(()=>({}));return(e,r)=>{let i=t.get(`errors.${e}`)||n[`component.voice_privacy.exceptions.${e}.message`];return i?i.replace(/\{(\w+)\}/g,(e,t)=>r&&t in r?`\u2068${r[t]}\u2069`:e):t.error(e)}}var Gi=o` :host { margin-top: 16px; } .card { padding: 20px; } .card > * + *:not(.progress), .progress > * { margin-top: 12px; } .card.over { outline: 2px dashed var(--vp-accent); outline-offset: -6px; } .head { display: flex; flex-wrap: wrap; gap: 12px 16px; align-items: flex-start; justify-content: space-between; } .head div { flex: 1 1 240px; min-width: 0; } h2 { font-size: 17px; font-weight: 500; outline-offset: 4px; } .drop { display: none; gap: 10px; align-items: center; padding: 10px 14px; border: 1px dashed color-mix(in srgb, var(--primary-text-color) 30%, transparent); border-radius: 10px; color: var(--secondary-text-color); } @media (hover: hover) and (pointer: fine) { .drop { display: flex; } } .over .drop { border-color: var(--vp-accent); color: var(--primary-text-color); background: var(--vp-tint); } .progress .note, .fault { overflow-wrap: anywhere; } .note.done { background: color-mix(in srgb, var(--vp-good-text) 12%, transparent); } .note.done .icon { color: var(--vp-good-text); } .bar { height: 6px; border-radius: 3px; overflow: hidden; background: color-mix(in srgb, var(--primary-text-color) 12%, transparent); } .bar i { display: block; width: 35%; height: 100%; border-radius: 3px; background: var(--vp-accent); animation: travel 1.1s ease-in-out infinite alternate; } @keyframes travel { to { margin-inline-start: 65%; } } ul { list-style: none; margin-bottom: 0; padding: 0; } li + li { border-top: 1px solid var(--vp-line); } .empty { padding: 32px 16px; } .empty h3 { font-size: 16px; font-weight: 500; color: var(--primary-text-color); } .foot { font-size: 13px; overflow-wrap: anywhere; } .failed { flex-wrap: wrap; align-items: center; } .note a { color: inherit; font-weight: 500; } @media (pointer: coarse) { .button { min-height: 48px; border-radius: 24px; } } `;function Ki(e){return e?.models.filter(({reason:e})=>e===`wake_model_not_tried`).length??0}var Z=class extends N{constructor(...e){super(...e),this.messages=[],this.over=!1,this.asked=0,this.pick=()=>{this.renderRoot.querySelector(`input[type=file]`)?.click()}}static{this.styles=[L,Gi]}willUpdate(e){super.willUpdate(e),e.has(`texts`)&&this.admin&&this.loadSentences(),this.follow()}follow(){if(!this.admin||this.connection.status!==`ready`){this.seen=void 0;return}let e=JSON.stringify(this.state.satellites.map(({id:e,name:t,silence_reason:n,wake_words:r})=>[e,t,et.find(e=>e===n),r.map(e=>[e.id,e.available])]));e!==this.seen&&(this.seen=e,this.load())}async loadSentences(){this.reasons=await Wi(this.connection,this.texts)}async load(){let e=this.asked+=1;try{let{models:t=[],complete:n=!0,folder:r=``,satellites:i={}}=await this.connection.call(`wake_words/list`);if(e!==this.asked)return;let a=Ki(this.answer);this.answer={models:t,complete:n,folder:r,satellites:i};let o=Ki(this.answer);o&&(!a||o<a)&&this.load(),this.failure=void 0}catch(t){if(e!==this.asked)return;this.failure=j(t)}}async add(e){if(this.sending!==void 0||!e.length)return;let{uploads:t,refused:n}=Ui(e);this.messages=n.map(({file:e,key:t})=>({name:e.name,text:this.t(t),refused:!0}));for(let e of t)await this.upload(e);this.sending=void 0,await this.load()}async upload({model:e,manifest:t}){this.sending=e.name;let n=new FormData;n.append(`model`,e,e.name),t&&n.append(`manifest`,t,t.name);let r;try{let{file:e}=await this.connection.send(`wake_words`,n);r={name:e,text:this.t(`wake_words.uploaded`),refused:!1}}catch(t){r={name:e.name,text:this.why(j(t)),refused:!0}}this.messages=[...this.messages,r]}why({code:e,placeholders:t}){return this.reasons?this.reasons(e,t):this.texts.error(e)}chosenFiles(e){let t=e.target,n=[...t.files??[]];t.value=``,this.add(n)}onDrag(e){e.dataTransfer?.types.includes(`Files`)&&(e.preventDefault(),this.over=e.type===`dragover`)}onDrop(e){e.preventDefault(),this.over=!1,this.add([...e.dataTransfer?.files??[]])}onPanel({detail:{file:e,panel:t}}){this.open=t&&{file:e,panel:t}}onChosen({detail:{satelliteId:e,words:t}}){let{answer:n}=this;n&&(this.answer={...n,satellites:{...n.satellites,[e]:t}}),this.load()}async onRemoved(){this.open=void 0,await this.load(),this.renderRoot.querySelector(`h2`)?.focus()}render(){return this.admin?x`<section
      class="card ${this.over?`over`:``}"
      aria-labelledby="title"
      @dragover=${this.onDrag}
      @dragleave=${this.onDrag}
      @drop=${this.onDrop}
    >
      <div class="head">
        <div>
          <h2 id="title" tabindex="-1">${this.t(`wake_words.title`)}</h2>
          <p class="muted-text">${this.t(`wake_words.about`)}</p>
        </div>
        <button class="button" id="upload" ?disabled=${this.sending!==void 0} @click=${this.pick}>
          ${I(F.upload)}${this.t(`wake_words.upload`)}
        </button>
        <input
          type="file"
          multiple
          hidden
          tabindex="-1"
          aria-label=${this.t(`wake_words.upload`)}
          @change=${this.chosenFiles}
        />
      </div>
      <p class="drop">${I(F.upload)}<span>${this.t(`wake_words.drop`)}</span></p>
      ${this.progress()} ${this.content()} ${this.answer?this.foot(this.answer):C}
    </section>`:C}foot({folder:e,models:t}){return x`<p class="muted-text foot">
      ${t.some(({engine:e,cost:t})=>e===`openwakeword`&&t!==null)?x`${this.t(`wake_words.shared_cost`)}<br />`:C} ${this.t(`wake_words.folder`)}
      <bdi><code>${e}</code></bdi>
    </p>`}progress(){return x`<div class="progress" role="status">
      ${this.sending===void 0?C:x`<p>${this.t(`wake_words.uploading`,{file:`\u2068${this.sending}\u2069`})}</p>
              <div class="bar"><i></i></div>`}
      ${this.messages.map(({name:e,text:t,refused:n})=>x`<p class="note ${n?`warn`:`done`}">
            ${I(n?F.alert:F.done)}<span><bdi>${e}</bdi>: ${t}</span>
          </p>`)}
    </div>`}faults(e){let{satellites:t}=this.state,n=[];t.some(({silence_reason:e})=>e===`engine_unavailable`)&&n.push(this.t(`state.engine_unavailable`));let r=new Set(e.models.map(({wake_word:e})=>Li(e))),i=/* @__PURE__ */ new Map;for(let{id:n,name:a,wake_words:o}of t)for(let t of e.satellites[n]??[]){if(r.has(Li(t)))continue;let e=o.find(e=>e.id===t)?.phrase??t;i.set(e,[...i.get(e)??[],a])}for(let[e,t]of i)n.push(this.t(`wake_words.missing`,{phrase:e,satellites:this.texts.list(t)}));return e.complete||n.push(this.t(`wake_words.incomplete`)),n.map(e=>x`<p class="note warn fault">${I(F.alert)}<span>${e}</span></p>`)}content(){let{answer:e,failure:t}=this;return t&&(!e||t.code!==`not_loaded`)?t.code===`wake_engine_unavailable`?x`<p class="note warn" role="alert">${I(F.alert)}<span>${this.why(t)}</span></p>`:Qr(this.texts,t,()=>void this.load()):e?x`${this.faults(e)} ${Object.keys(e.satellites).length?C:this.noSatellite()}
    ${e.models.length?this.list(e):this.noModel()}`:x`<div class="progress" role="status">
        <p>${this.t(`wake_words.checking`)}</p>
        <div class="bar"><i></i></div>
      </div>`}noSatellite(){return x`<p class="note no-satellite">
      ${I(F.microphone)}<span
        >${this.t(`wake_words.no_satellite`)}
        <a href="/config/integrations/integration/voice_privacy">${this.t(`microphones.add`)}</a></span
      >
    </p>`}noModel(){return x`<div class="empty">
      <span class="hero">${I(F.listened)}</span>
      <h3>${this.t(`wake_words.none`)}</h3>
      <p>${this.t(`wake_words.none_detail`)}</p>
    </div>`}list({models:e,satellites:t}){let n=({status:e})=>e!==`refused`,r=e=>x`<li>
        <voice-privacy-wake-word
          .connection=${this.connection}
          .texts=${this.texts}
          .reasons=${this.reasons}
          .model=${e}
          .chosen=${t}
          .panel=${this.open?.file===e.file?this.open.panel:void 0}
        ></voice-privacy-wake-word>
      </li>`;return x`<ul @vp-panel=${this.onPanel} @vp-chosen=${this.onChosen} @vp-removed=${()=>void this.onRemoved()}>
      ${[...e.filter(n),...e.filter(e=>!n(e))].map(r)}
    </ul>`}};M([O()],Z.prototype,`answer`,void 0),M([O()],Z.prototype,`failure`,void 0),M([O()],Z.prototype,`reasons`,void 0),M([O()],Z.prototype,`sending`,void 0),M([O()],Z.prototype,`messages`,void 0),M([O()],Z.prototype,`over`,void 0),M([O()],Z.prototype,`open`,void 0),P(`voice-privacy-wake-words`,Z);var qi=o` :host { position: relative; min-height: 100vh; background: var(--primary-background-color); --vp-header-height: calc(112px + env(safe-area-inset-top)); } header.top { position: sticky; top: 0; z-index: 4; background: var(--primary-background-color); border-bottom: 1px solid var(--vp-line); padding-top: env(safe-area-inset-top); container-type: inline-size; } .short { display: none; } .title { display: flex; align-items: center; gap: 4px; height: 60px; padding: 0 8px; } .title h1 { font-size: 20px; font-weight: 500; flex: 1; min-width: 0; padding-inline-start: 8px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; } .quiet { min-height: 48px; min-width: 48px; padding: 0 12px; border-radius: 24px; color: var(--secondary-text-color); } .quiet:hover { background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); color: var(--primary-text-color); } ha-menu-button { flex: none; --ha-icon-button-size: 44px; } nav { display: flex; flex-wrap: wrap; padding: 0 max(12px, calc((100% - 1200px) / 2 + 12px)); } nav button { position: relative; min-height: 51px; padding: 0 16px; font-weight: 500; white-space: nowrap; color: var(--secondary-text-color); } nav button[aria-selected="true"] { color: var(--primary-text-color); } nav button[aria-selected="true"]::after { content: ""; position: absolute; inset-inline: 12px; bottom: 0; height: 3px; border-radius: 3px 3px 0 0; background: var(--vp-accent); } nav button:focus-visible { outline-offset: -4px; border-radius: 8px; } .main { display: block; max-width: 1200px; margin: 0 auto; padding: 20px 24px calc(40px + env(safe-area-inset-bottom)); outline: none; } @container (max-width: 719px) { .long { display: none; } .short { display: inline; } nav { padding: 0 4px; } nav button { padding: 0 10px; flex: 1 0 auto; } } @container (max-width: 479px) { nav button { min-height: 48px; padding: 0 6px; font-size: 13px; } } @media (max-width: 600px) { .banner { padding: 10px 16px; } .main { padding: 14px 16px calc(40px + env(safe-area-inset-bottom)); } } .banner { display: flex; align-items: center; gap: 10px; padding: 10px max(24px, calc((100% - 1200px) / 2 + 24px)); } .offline { background: color-mix(in srgb, var(--vp-warn-text) 14%, var(--primary-background-color)); } .guests { background: color-mix(in srgb, var(--vp-accent) 14%, var(--primary-background-color)); } .toast { position: fixed; z-index: 5; inset-inline: 0; bottom: calc(24px + env(safe-area-inset-bottom)); display: flex; justify-content: center; pointer-events: none; } .toast span { max-width: min(560px, calc(100vw - 32px)); padding: 12px 20px; border-radius: 24px; background: var(--primary-text-color); color: var(--primary-background-color); box-shadow: 0 8px 24px rgba(0, 0, 0, 0.3); } .toast:empty { display: none; } .skip { position: absolute; inset-inline-start: 8px; top: -60px; z-index: 6; background: var(--vp-card); padding: 12px; border-radius: 8px; } .skip:focus { top: 8px; } `,Q=[`timeline`,`rooms`,`privacy`],Ji={recordings:[`timeline`],microphones:[`rooms`],consent:[`privacy`],review:[`privacy`,`review`],log:[`privacy`,`log`],options:[`privacy`,`options`]},Yi=6e3,$=class extends Ai{constructor(...e){super(...e),this.narrow=!1,this.tab=`timeline`,this.headerSize=new ResizeObserver(([e])=>this.style.setProperty(`--vp-header-height`,`${e.borderBoxSize[0].blockSize}px`))}static{this.styles=[L,qi]}set route(e){let t=e.path.slice(1),n=Q.find(e=>e===t),[r,i]=n?[n]:Ji[t]??[`timeline`];this.tab=r,this.place=i}disconnectedCallback(){super.disconnectedCallback(),clearTimeout(this.toastTimer),this.headerSize.disconnect()}go(e){history.pushState(null,``,`/voice-privacy/${e}`),this.tab=e,this.place=void 0,window.dispatchEvent(new CustomEvent(`location-changed`,{detail:{replace:!1}})),window.scrollTo(0,0)}onTabKey(e){let t=getComputedStyle(this).direction===`rtl`?`ArrowLeft`:`ArrowRight`,n=t===`ArrowRight`?`ArrowLeft`:`ArrowRight`,r={[t]:1,[n]:-1}[e.key];r&&(e.preventDefault(),this.go(Q[(Q.indexOf(this.tab)+r+Q.length)%Q.length]),this.updateComplete.then(()=>this.renderRoot.querySelector(`[aria-selected=true]`)?.focus()))}async delete(e){await this.renderRoot.querySelector(`voice-privacy-deletion`)?.ask(e.detail)}deleted(e){e.detail&&this.renderRoot.querySelector(`voice-privacy-recordings`)?.focusList()}notify(e){this.toast=e.detail,clearTimeout(this.toastTimer),this.toastTimer=setTimeout(()=>this.toast=void 0,Yi)}updated(e){super.updated(e),this.texts&&(this.lang=this.texts.language);let t=this.renderRoot.querySelector(`header`);t&&this.headerSize.observe(t)}render(){let{texts:e,connection:t}=this;return!e||!t?C:x`<a class="skip" href="#main" @click=${this.skip}>${e.get(`common.skip`)}</a>
      <header class="top">
        <div class="title">
          <ha-menu-button .hass=${this.hass} .narrow=${this.narrow}></ha-menu-button>
          <h1>${e.get(`page.title`)}</h1>
          ${t.state&&this.tab===`timeline`?this.manage(e,t.state):C}
        </div>
        <nav role="tablist" aria-label=${e.get(`page.title`)} @keydown=${this.onTabKey}>
          ${Q.map(t=>x`<button
                role="tab"
                id="tab-${t}"
                aria-selected=${this.tab===t}
                aria-controls="main"
                tabindex=${this.tab===t?0:-1}
                @click=${()=>this.go(t)}
              >
                ${this.fitting(e,`tabs.${t}`)}
              </button>`)}
        </nav>
        ${t.status!==`ready`&&t.state?x`<div class="banner offline" role="status">
                ${I(F.offline)}<span
                  >${e.get(t.status===`offline`?`page.offline`:`page.restarting`)}</span
                >
              </div>`:C}
        ${t.state?.house.toggles.guest_mode.on?x`<div class="banner guests" role="status">
                ${I(F.guests)}<span>${e.get(`page.guest_mode`)}</span>
              </div>`:C}
      </header>
      <div
        class="main"
        id="main"
        role="tabpanel"
        aria-labelledby="tab-${this.tab}"
        tabindex="-1"
        @vp-delete=${this.delete}
        @vp-notify=${this.notify}
      >
        ${t.state?x`<voice-privacy-strip .connection=${t} .texts=${e}></voice-privacy-strip>
                ${this.content(e,t)}`:this.waiting(e,t)}
      </div>
      ${t.state?x`<voice-privacy-deletion
                .connection=${t}
                .texts=${e}
                @vp-closed=${this.deleted}
              ></voice-privacy-deletion>
              <voice-privacy-manage
                .connection=${t}
                .texts=${e}
                @vp-delete=${this.delete}
              ></voice-privacy-manage>`:C}
      <div class="toast" role="status">${this.toast?x`<span>${this.toast}</span>`:C}</div>`}fitting(e,t){return x`<span class="long">${e.get(t)}</span><span class="short">${e.get(`${t}_short`)}</span>`}manage(e,{permissions:t}){return!t.admin&&!t.control.length?C:x`<button class="quiet" id="manage" @click=${()=>void this.renderRoot.querySelector(`voice-privacy-manage`)?.open()}>
      ${I(F.more)}${this.fitting(e,`manage.open`)}
    </button>`}skip(e){e.preventDefault(),this.renderRoot.querySelector(`#main`)?.focus()}content(e,t){switch(this.tab){case`timeline`:return x`<voice-privacy-first-run .connection=${t} .texts=${e}></voice-privacy-first-run>
          <voice-privacy-recordings .connection=${t} .texts=${e}></voice-privacy-recordings>`;case`rooms`:return x`<voice-privacy-microphones .connection=${t} .texts=${e}></voice-privacy-microphones>
          <voice-privacy-wake-words .connection=${t} .texts=${e}></voice-privacy-wake-words>`;case`privacy`:return x`<voice-privacy-privacy
          .connection=${t}
          .texts=${e}
          .place=${this.place}
        ></voice-privacy-privacy>`}}waiting(e,t){let n={not_loaded:`page.not_loaded`,failed:`page.failed`,offline:`page.offline`}[t.status];return x`<div class="card empty" role="status">
      <span class="hero">${I(n?F.offline:F.shield)}</span>
      <h2>${e.get(n??`common.loading`)}</h2>
      ${t.status===`not_loaded`?x`<p>${e.get(`page.not_loaded_detail`)}</p>`:C}
    </div>`}};M([D({type:Boolean})],$.prototype,`narrow`,void 0),M([O()],$.prototype,`tab`,void 0),M([O()],$.prototype,`place`,void 0),M([O()],$.prototype,`toast`,void 0),P(`voice-privacy-page`,$);export{$ as VoicePrivacyPage};