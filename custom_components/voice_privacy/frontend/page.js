import{A as e,B as t,C as n,D as r,E as i,F as a,G as o,H as s,I as c,J as l,K as u,L as d,M as f,N as p,O as m,P as ee,R as te,S as h,T as ne,U as g,V as re,W as _,X as ie,Y as ae,Z as v,_ as oe,a as y,b,c as se,f as ce,g as le,h as ue,i as de,k as fe,l as pe,m as me,n as he,o as ge,p as _e,q as ve,r as ye,s as be,t as xe,u as Se,v as Ce,w as x,x as S,y as C,z as we}from"./shared-8iknyB_z.js";var Te=8e3,Ee=250,De=class{constructor(e,t){this.host=e,this.undone=t,this.lines=[],this.timers=new Map,e.addController(this)}hostDisconnected(){for(let e of this.lines)e.end?.();for(let e of this.timers.values())clearTimeout(e);this.timers.clear(),clearInterval(this.ticking),this.ticking=void 0,this.lines=[]}lost(){for(let e of this.lines)e.stage!==`done`&&this.dismiss(e)}async begin(e,t){let n={id:e,quote:t,stage:`waiting`,until:1/0,progress:{}};n.end=await this.host.connection.follow(`recordings/delete_later`,{recording_id:e},e=>this.told(n,e)),this.lines=[...this.lines,n],this.ticking??=setInterval(()=>this.tick(),Ee),this.host.requestUpdate()}undoLast(){let e=this.lines.findLast(({stage:e})=>e===`waiting`);return e&&this.undo(e),e!==void 0}async undo(e){try{await this.host.connection.call(`recordings/undo`,{recording_id:e.id})}catch(t){e.stage===`waiting`&&(e.stage=`deleting`);let n=r(t);n.code!==`recording_not_found`&&this.failed(e,n),this.host.requestUpdate()}}dismiss(e){e.end?.(),clearTimeout(this.timers.get(e)),this.timers.delete(e),this.lines=this.lines.filter(t=>t!==e),this.lines.length||(clearInterval(this.ticking),this.ticking=void 0),this.host.requestUpdate()}secondsLeft(e){return Math.max(0,Math.ceil((e.until-Date.now())/1e3))}told(e,t){switch(t.type){case`hidden`:e.until=Date.now()+t.seconds*1e3;break;case`undone`:this.dismiss(e),this.undone();break;case`failed`:this.failed(e,new i(t.code));break;case`receipt`:e.stage=`done`,e.finished=new Date,e.progress=ne(e.progress,t),this.linger(e);break;case`destroying`:case`removing`:case`counted`:e.progress=ne(e.progress,t)}this.host.requestUpdate()}failed(e,t){e.stage=`failed`,e.failure=t,this.linger(e)}linger(e){this.timers.set(e,setTimeout(()=>this.dismiss(e),Te))}tick(){for(let e of this.lines)e.stage===`waiting`&&this.secondsLeft(e)===0&&(e.stage=`deleting`);this.host.requestUpdate()}},Oe=v` :host { position: sticky; z-index: 5; bottom: 0; pointer-events: none; } dialog { pointer-events: auto; } .undo-lines:not([hidden]) { display: grid; justify-items: center; gap: 8px; padding: 16px 16px calc(80px + env(safe-area-inset-bottom)); } .undo-line { display: flex; align-items: center; gap: 12px; width: min(560px, 100%); min-height: 56px; padding: 4px 8px 4px 20px; padding-inline: 20px 8px; border-radius: 28px; background: var(--primary-text-color); color: var(--primary-background-color); box-shadow: 0 8px 24px rgba(0, 0, 0, 0.3); pointer-events: auto; } .undo-line .words { flex: 1; min-width: 0; padding: 6px 0; overflow-wrap: anywhere; } .undo-line q { -webkit-line-clamp: 1; } .undo-line .button, .undo-line .button:hover:not(:disabled) { min-height: 48px; border-radius: 24px; background: none; color: inherit; border-color: color-mix(in srgb, currentColor 45%, transparent); } .undo-line .button:hover:not(:disabled) { background: color-mix(in srgb, currentColor 14%, transparent); } .undo-line .icon-button { width: 48px; height: 48px; color: inherit; } .undo-line :focus-visible { outline-color: currentColor; outline-offset: -4px; } .seconds { min-width: 3ch; text-align: end; font-variant-numeric: tabular-nums; } `;function ke(e){return l`${e.text?l`<q dir="auto">${e.text}</q>`:``}<bdi>${e.about}</bdi>`}function Ae(e,t){let{receipt:n}=t.progress;return t.stage===`failed`?l`${e.get(`undo.failed`)} ${e.error(t.failure.code)} ${ke(t.quote)}`:n?l`${oe(e,n,t.finished)}`:l`${e.get(`undo.deleted`)} ${ke(t.quote)}`}function je(e,t,n,r){if(n.stage===`waiting`){let r=t.secondsLeft(n);return l`<span class="seconds" aria-hidden="true">${e.number(Number.isFinite(r)?r:10)}</span
      ><button
        class="button undo"
        aria-label=${e.get(`undo.undo_one`,{recording:n.quote.about})}
        @click=${()=>void t.undo(n)}
      >
        ${e.get(`undo.undo`)}
      </button>`}return n.stage===`done`?l`<button class="button" data-details @click=${()=>r(n)}>
      ${e.get(`receipt.details`)}
    </button>`:l`<button
    class="icon-button"
    aria-label=${e.get(`common.close`)}
    ?hidden=${n.stage!==`failed`}
    @click=${()=>t.dismiss(n)}
  >
    ${b(S.close)}
  </button>`}function Me(e,t,n){return l`<div
    class="undo-lines"
    role="region"
    aria-label=${e.get(`undo.region`)}
    ?hidden=${!t.lines.length}
  >
    ${t.lines.map(r=>{let{receipt:i}=r.progress,a=r.stage===`failed`||i&&!ue(i);return l`<div class="undo-line ${a?`warn`:``}" data-stage=${r.stage}>
        <span class="words">${Ae(e,r)}</span>
        ${je(e,t,r,n)}
      </div>`})}
  </div>`}var Ne=3,Pe=class extends me{constructor(...e){super(...e),this.pending=new De(this,()=>this.said=this.t(`undo.undone`)),this.isHidden=!1}static{this.styles=[me.styles,Oe]}undo(){return this.pending.undoLast()}stateChanged(){this.connection.status===`offline`&&this.pending.lost(),super.stateChanged()}async ask(e){this.isHidden=!1,this.said??=``,await super.ask(e)}async hide({undoable:e,quotes:t}){let n=t?.[0];return!e||!n?!1:(await this.pending.begin(e,n),this.said=`${this.t(`undo.deleted`)} ${n.text??``} ${n.about}. ${this.t(`undo.how`)}`,this.isHidden=!0,!0)}outcome(){return super.outcome()??(this.isHidden||void 0)}beside(){let e=Me(this.texts,this.pending,e=>{this.pending.dismiss(e),this.showReceipt(e.progress,e.finished)});return l`${e}${this.said===void 0?u:l`<p class="sr" role="status">${this.said}</p>`}`}meant(e,t){return t.undoable?this.meantOne(e):super.meant(e,t)}meantOne(e){return l`<p>${this.t(`undo.about`)}</p>
      <details class="details">
        <summary>${this.t(`delete.details`)}</summary>
        <ul>
          ${[`what`,`rows`].map(e=>l`<li>${this.t(`delete.${e}`)}</li>`)}
        </ul>
        ${le(this.texts,e.not_reachable)}
      </details>`}quotes({quotes:e=[]}){if(!e.length)return u;let t=e.slice(0,Ne),n=e.length-t.length;return l`<ul class="quotes">
      ${t.map(e=>l`<li>${ke(e)}</li>`)}
      ${n?l`<li>${this.t(`delete.more`,{recordings:this.texts.count(`recordings`,n)})}</li>`:u}
    </ul>`}};x([g()],Pe.prototype,`said`,void 0),n(`voice-privacy-deletion`,Pe);var Fe=-60,Ie=class{constructor(e){this.host=e,this.level=0,this.run=0,e.addController(this)}hostDisconnected(){this.stop()}stop(){this.run+=1,this.end?.(),this.end=void 0,this.satellite=void 0,this.level=0,this.host.requestUpdate()}async start({id:e,wake_words:t}){this.stop();let{run:n}=this,{connection:r}=this.host,{models:i}=await r.call(`wake_words/list`),a=t.map(e=>e.id),o=i.find(({wake_word:e,status:t})=>t===`ready`&&a.includes(e));if(!o||n!==this.run)return;this.satellite=e,this.host.requestUpdate();let s;try{s=await r.follow(`wake_words/test`,{satellite_id:e,file:o.file},e=>{n===this.run&&this.receive(e)},()=>n===this.run&&this.stop())}catch(e){throw n===this.run&&this.stop(),e}n===this.run?this.end=s:s()}receive(e){e.type===`ended`?this.stop():(this.level=Math.min(1,Math.max(0,(e.level-Fe)/54)),this.host.requestUpdate())}};function Le(e,{level:t,reasons:n}){let r=n.map(({cause:t,name:n,state:r})=>{let i=t.startsWith(`override`)&&n===null?`_hidden`:``;return e.get(`state.by_${t}${i}`,{name:n??``,state:r??``})});return e.get(`level.because`,{level:e.get(`state.level_${t}`),reasons:e.list(r)})}var Re={day:1,week:7,thirty_days:30,month:31,three_months:92,eighteen_months:549};function ze({retention:e},{keep_recordings:t,level:n}){let r=t===`as_others`?e.keep_recordings:t,i=n?.longest??``;return(Re[i]??1/0)<(Re[r]??1/0)?`state.level_${i}`:`retention.${r}`}function w({pipeline:e}){return!e}function T({permissions:e,may:t}){return e.admin||t.guest_mode}function E(e){return!e.satellites.length&&!T(e)}function Be(e,t){let{satellites:n}=t;if(E(t))return e.get(`household.no_rooms`);let r=n.filter(w),i=e=>r.filter(({state:t})=>t===e).length,a=i(`listening`)+i(`recording`),o=[a||!n.length?e.count(`listening`,a):``,D(e,`strip.recording`,i(`recording`)),D(e,`strip.muted`,i(`muted`)),D(e,`strip.not_listening`,i(`not_listening`)),D(e,`strip.unknown`,i(`disconnected`)),D(e,`strip.unprotected`,(t.unprotected?.length??0)+n.length-r.length),...Ve(e,t)],s=new Intl.ListFormat(e.language,{type:`unit`,style:`short`}).format(o.filter(Boolean));return T(t)?s.charAt(0).toLocaleUpperCase(e.language)+s.slice(1):e.get(`strip.yours`,{line:s})}function D(e,t,n){return n?e.get(t,{on:e.number(n)}):``}function Ve(e,t){let{house:n,satellites:r}=t,i=e=>ce(n.toggles,e)===`recordings`,[a,o]=[r.filter(e=>w(e)&&i(e)).length,r.length];return n.store_error?[e.get(`strip.cannot_save`)]:o?n.toggles.guest_mode.on?[e.get(`strip.guests`),...He(e,t)]:a?a===o&&o>1?[e.get(`strip.saving_all`),Ue(e,t)]:[e.get(`strip.saving`,{on:e.number(a),all:e.number(o)}),Ue(e,t)]:[e.get(`strip.saving_off`),...He(e,t)]:[]}function He(e,t){return t.house.recordings?[e.get(`strip.earlier`,{until:Ue(e,t)})]:[]}function Ue(e,{house:t,satellites:n}){let r=new Set(n.map(e=>ze(t,e))),[i]=r;return r.size===1?i===`retention.until_deleted`?e.get(`strip.kept`):e.get(`strip.kept_for`,{period:e.get(i)}):e.get(`strip.kept_various`)}var We=v` :host { display: block; } section { margin-bottom: 20px; padding: 8px 20px 20px; } header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 4px 16px; min-height: 56px; } h2 { font-size: 20px; font-weight: 500; } h3 { font-size: 16px; font-weight: 500; min-height: 32px; display: flex; align-items: center; } ol, ul { list-style: none; margin: 0; padding: 0; } ol > li { display: grid; grid-template-columns: 32px minmax(0, 1fr); gap: 0 14px; padding: 10px 0; } .number { display: grid; place-items: center; width: 32px; height: 32px; border-radius: 50%; font-weight: 500; border: 2px solid var(--vp-accent); } .done > .number { border-color: transparent; background: color-mix(in srgb, var(--vp-good-text) 16%, transparent); color: var(--vp-good-text); } voice-privacy-unprotected { margin: 8px 0 12px; } .button { min-height: 48px; border-radius: 24px; } .mend { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 16px; padding: 8px 0 12px; } .mend span { flex: 1 1 260px; } .mend .button { height: auto; overflow-wrap: anywhere; } ul li { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; min-height: 48px; } ul label { flex: 1; font-weight: 500; cursor: pointer; } .note { flex-wrap: wrap; align-items: center; margin: 8px 0 12px; } .note span { flex: 1 1 220px; } .microphone { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px; padding: 8px 0; } .microphone > span:not(.badge) { flex: 1 1 200px; min-width: 0; overflow-wrap: anywhere; } voice-privacy-microphone-test[open] { flex: 1 1 100%; } .level { flex: 1 1 160px; max-width: 320px; height: 12px; border-radius: 6px; overflow: hidden; background: color-mix(in srgb, var(--primary-text-color) 14%, transparent); } .level i { display: block; height: 100%; border-radius: 6px; background: var(--vp-accent); transition: width 200ms; } b { font-weight: 500; } small { display: block; font-size: 14px; color: var(--secondary-text-color); } .heard { display: flex; gap: 12px; overflow-wrap: anywhere; } .heard .icon { color: var(--vp-good-text); } `,Ge=16e3,Ke=.15,qe=class{constructor(){this.context=new AudioContext({sampleRate:Ge}),this.next=0,de(),this.context.resume().catch(()=>void 0)}play(e){let{context:t}=this,n=Uint8Array.from(atob(e),e=>e.charCodeAt(0)),r=new DataView(n.buffer),i=Float32Array.from({length:n.length/2},(e,t)=>r.getInt16(2*t,!0)/32768),a=i.length/Ge;if(this.running&&a){let e=t.createBuffer(1,i.length,Ge);e.copyToChannel(i,0);let n=t.createBufferSource();n.buffer=e,n.connect(t.destination),this.next<=t.currentTime&&(this.next=t.currentTime+Ke),n.start(this.next),this.next+=a}return a}get running(){return this.context.state===`running`}close(){this.context.close().catch(()=>void 0)}};function Je(e){return Math.min(1,Math.max(0,1-e/-70))}var O=e=>`\u2068${e}\u2069`,k=(e,t)=>O(`${e.number(Math.round(t))} dB`);function A(e,t,n,r){return l`<span
      class="meter ${r!==void 0&&t>=r?`over`:``}"
      role="meter"
      aria-labelledby=${e}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${Math.round(t*100)}
      aria-valuetext=${n}
      ><i style="width:${t*100}%"></i
      >${r===void 0?u:l`<b style="inset-inline-start:${r*100}%"></b>`}</span
    ><span class="words" aria-hidden="true">${n}</span>`}async function Ye(e,t){let n=await e.exceptions(t.language).catch(()=>({}));return(e,r)=>{let i=t.get(`errors.${e}`)||n[`component.voice_privacy.exceptions.${e}.message`];return i?i.replace(/\{(\w+)\}/g,(e,t)=>r&&t in r?`\u2068${r[t]}\u2069`:e):t.error(e)}}var Xe=v` :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: 12px; } :host(voice-privacy-microphone-test:not([open])[brief]) { gap: 0; } .start { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: flex-end; } .start label { display: grid; gap: 4px; flex: 0 1 280px; min-width: 0; font-size: 13px; color: var(--secondary-text-color); } .start .field { width: 100%; font-size: 14px; color: var(--primary-text-color); text-overflow: ellipsis; } dl { margin: 0; display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 10px 16px; align-items: center; } dt { color: var(--secondary-text-color); } dd { margin: 0; display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; font-weight: 500; } .words { min-width: 5ch; font-variant-numeric: tabular-nums; } .meter { position: relative; flex: 1 1 120px; max-width: 480px; height: 10px; border-radius: 5px; background: color-mix(in srgb, var(--primary-text-color) 14%, transparent); } .meter i { position: absolute; inset-block: 0; inset-inline-start: 0; border-radius: 5px; background: var(--vp-accent); transition: width 200ms linear; } .meter.over i { background: var(--vp-good-text); } .meter b { position: absolute; inset-block: -4px; width: 3px; margin-inline-start: -1px; border-radius: 2px; background: var(--primary-text-color); } :host > .button { justify-self: start; height: auto; min-height: 48px; border-radius: 24px; } .said { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; } .now { font-size: 18px; font-weight: 500; } .note.done .icon { color: var(--vp-good-text); } .heard { display: inline-flex; gap: 6px; align-items: center; color: var(--vp-good-text); } @media (pointer: coarse) { .button, .field { min-height: 48px; } .button { border-radius: 24px; } } `,Ze=10,Qe={silent:`microphone_test.silent`,clipping:`microphone_test.clipping`,unspoken:`microphone_test.unspoken`,quiet:`microphone_test.quiet`,noisy:`microphone_test.noisy`,good:`microphone_test.good`},j=class extends h{constructor(...e){super(...e),this.open=!1,this.brief=!1,this.running=!1,this.best=0,this.seconds=0,this.test=0}static{this.styles=[C,Xe]}disconnectedCallback(){super.disconnectedCallback(),this.finish()}stateChanged(){super.stateChanged(),this.running&&this.connection.status!==`ready`&&this.finish(this.t(`microphone_test.ended`))}willUpdate(e){super.willUpdate(e),this.open=this.running||!!this.heard||!!this.result}finish(e,t=!1){this.test+=1,this.end?.(),this.sound?.close(),this.end=this.sound=void 0,this.running=!1,this.result=e?{text:e,good:t}:void 0}async start(){this.finish();let{test:e}=this;this.running=!0,this.heard=void 0,this.best=this.seconds=0;try{this.sound=new qe;let t=await this.connection.follow(`microphones/test`,{satellite_id:this.satellite.id},t=>{e===this.test&&this.receive(t)});e===this.test?this.end=t:t()}catch(t){let{code:n,placeholders:i}=r(t);e===this.test&&await this.refused(n,i)}}receive(e){e.type===`heard`?(this.seconds+=this.sound.play(e.audio),this.best=Math.max(this.best,e.score??0),this.heard=e):e.code?this.refused(e.code):this.finish(this.t(Qe[e.verdict]),e.verdict===`good`)}async refused(e,t={}){this.finish();let{test:n}=this,r=await Ye(this.connection,this.texts);n===this.test&&this.finish(r(e,{name:this.satellite.name,...t}))}render(){let{running:e,heard:t,result:n,satellite:r}=this,{name:i}=r;return l`${e?l`<button class="button" id="end" @click=${()=>this.finish(this.t(`microphone_test.ended`))}>
              ${b(S.close)}${this.t(`wake_words.stop`)}
              ${t?l`<span aria-hidden="true">· ${this.left}</span>`:u}
            </button>`:l`<button class="button" id="hear" @click=${()=>void this.start()}>
              ${b(S.listened)}${this.t(`microphone_test.button`)}<span class="sr"> ${i}</span>
            </button>`}
      ${this.brief&&!this.open?u:l`<p class="muted-text">${this.t(`microphone_test.about`,{name:i})}</p>`}
      <div class="said" role="status">
        ${e?l`<strong class="now"
                >${this.t(this.end?`microphone_test.live`:`microphone_test.tone`,{name:i})}</strong
              >`:n?l`<p class="note ${n.good?`done`:`warn`}">
                  ${b(n.good?S.done:S.alert)}<span>${n.text}</span>
                </p>`:u}
      </div>
      ${t?this.figures(t):u}`}get left(){let e=Math.max(0,Math.ceil(Ze-this.seconds));return this.texts.number(e,{style:`unit`,unit:`second`,unitDisplay:`narrow`})}figures({level:e,floor:t,clips:n,score:r,threshold:i}){let a=e=>O(this.texts.percent(e)),o=(e,t)=>this.t(`wake_words.score_of`,{score:a(e),threshold:a(t)}),s=(e,t)=>l`<dt>${this.t(e)}</dt>
        <dd><span class="words">${t}</span></dd>`;return l`${this.running&&!this.sound?.running?l`<p class="muted-text">${this.t(`microphone_test.silent_browser`)}</p>`:u}
      <dl>
        ${this.running?l`<dt id="level">${this.t(`wake_words.level`)}</dt>
                <dd>${A(`level`,Je(e),k(this.texts,e))}</dd>`:u}
        ${s(`microphone_test.floor`,t===null?`–`:k(this.texts,t))}
        ${s(`microphone_test.clips`,this.texts.number(n))}
        ${r===null||i===null?u:l`${this.running?l`<dt id="score">${this.t(`wake_words.score`)}</dt>
                      <dd>${A(`score`,r,o(r,i),i)}</dd>`:u}
              ${s(`wake_words.best`,o(this.best,i))}`}
      </dl>`}};x([_({attribute:!1})],j.prototype,`satellite`,void 0),x([_({type:Boolean,reflect:!0})],j.prototype,`open`,void 0),x([_({type:Boolean})],j.prototype,`brief`,void 0),x([g()],j.prototype,`running`,void 0),x([g()],j.prototype,`heard`,void 0),x([g()],j.prototype,`result`,void 0),x([g()],j.prototype,`end`,void 0),n(`voice-privacy-microphone-test`,j);async function $e(e,t,n,r){if(!Object.keys(n).length)return{};let i=await e.words(`config_subentries`,t.language),a=e=>r.map(t=>i[`component.voice_privacy.config_subentries.satellite.${t}.${e}`]).find(Boolean)??t.error(`failed`);return Object.fromEntries(Object.entries(n).map(([e,t])=>[e,a(t)]))}var et=v` ul { list-style: none; margin: 0; padding: 0; } li { padding: 14px 20px; } li + li { border-top: 1px solid var(--vp-line); } .line { display: flex; flex-wrap: wrap; align-items: center; gap: 12px 14px; } .grow { flex: 1 1 180px; min-width: 0; overflow-wrap: anywhere; } h2 { font-size: 16px; font-weight: 500; } .badge { width: 44px; height: 44px; } .button { min-height: 48px; border-radius: 24px; } .question { margin-top: 12px; padding-top: 12px; border-top: 1px solid var(--vp-line); } .question .grow { font-weight: 500; } .plain { border-color: transparent; background: none; } .why { margin-top: 12px; } .wrong { display: flex; gap: 8px; margin-top: 8px; color: var(--vp-danger-text); } `,tt=[et,v` section.card { border: 2px solid color-mix(in srgb, var(--vp-warn-text) 55%, transparent); } .badge { border-color: var(--vp-warn-text); color: var(--vp-warn-text); } `],nt=[et,v` :host { display: block; } section { margin-bottom: 12px; } .badge { border-color: var(--vp-accent); } form { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 12px 20px; padding: 16px 20px; } form > :not(.entry) { grid-column: 1 / -1; } form > .question { margin-top: 0; } .entry { display: grid; align-content: start; gap: 4px; min-width: 0; } label { font-weight: 500; } .field { width: 100%; min-height: 48px; box-sizing: border-box; } .field[aria-invalid="true"] { border-color: var(--vp-danger-text); } form p:empty { display: none; } `];function rt(e,{text:t,busy:n,answer:r,cancel:i}){let a=(t,i)=>l`<button type="button" class="button" data-keep=${t} ?disabled=${n} @click=${()=>r(i)}>
      ${e.get(`rooms.keep_${t}`)}
    </button>`;return l`<div class="line question" role="group" aria-label=${t}>
    <p class="grow">${t}</p>
    ${a(`nothing`,!1)}${a(`recordings`,!0)}
    <button type="button" class="button plain" data-cancel ?disabled=${n} @click=${i}>
      ${e.get(`common.cancel`)}
    </button>
  </div>`}var it=3e3,M=class extends h{constructor(...e){super(...e),this.lead=!1,this.found=[],this.choices={wake_words:[],wake_word:null,areas:[]},this.adding=!1,this.errors={}}static{this.styles=[C,nt]}connectedCallback(){super.connectedCallback(),this.admin&&(this.looking=setInterval(()=>!document.hidden&&void this.look(),it),this.begin())}disconnectedCallback(){super.disconnectedCallback(),clearInterval(this.looking)}async begin(){await this.ask(`satellites/choices`,e=>this.choices={...this.choices,...e}),await this.look(),this.lead&&!this.found.length&&!this.state.satellites.length&&!this.state.unprotected?.length&&this.fill()}async ask(e,t){try{t(await this.connection.call(e))}catch{}}async look(){await this.ask(`satellites/search`,({satellites:e})=>this.found=e??[])}fill(e){let t=e?.detects_wake_word?``:this.choices.wake_word??``;this.form={name:e?.name??``,address:e?.address??``,wake_word:t,area:``},this.asked=``,this.errors={}}open(e){this.fill(e),this.updateComplete.then(()=>this.renderRoot.querySelector(`#new-name`)?.focus())}async add({name:e,address:t,wake_word:n,area:r},i){this.errors={};for(let n of[`name`,`address`])({name:e,address:t})[n].trim()||(this.errors[n]=this.t(`rooms.required`));if(Object.keys(this.errors).length)return this.focusError();this.adding=!0,await this.attempt(async()=>{let a={name:e,address:t,wake_words:n?[n]:[],area:r||null},{errors:o}=await this.connection.call(`satellites/connect`,{...a,save_recordings:i}),{host:s,...c}=await $e(this.connection,this.texts,o,[`error`,`abort`]);this.errors=s===void 0?c:{...c,address:this.t(`rooms.address_invalid`)},Object.keys(o).length||(this.found=this.found.filter(e=>e.address!==t),this.form=this.asked=void 0,this.notify(this.t(`rooms.added`,{name:e})))}),this.adding=!1,this.focusError()}focusError(){this.updateComplete.then(()=>this.renderRoot.querySelector(`[aria-invalid=true]`)?.focus())}render(){return this.admin?l`${this.found.length?this.network():u}
    ${this.form?this.fields(this.form):l`<button class="button" data-another @click=${()=>this.open()}>${this.t(`first.another`)}</button>`}`:u}network(){let e=this.lead&&!this.state.unprotected?.length&&!this.form,t=this.asked??(e?this.found[0].address:``);return l`<section class="card" aria-label=${this.t(`rooms.found`)}>
      <ul>
        ${this.found.map(e=>this.row(e,e.address===t))}
      </ul>
    </section>`}row(e,t){let{name:n,address:r,detects_wake_word:i}=e,a=i?``:this.choices.wake_word??``;return l`<li>
      <div class="line">
        <span class="badge">${b(S.microphone)}</span>
        <div class="grow">
          <h2><bdi>${n}</bdi></h2>
          <p class="muted-text">${this.t(`rooms.found`)} · <bdi dir="ltr">${r}</bdi></p>
        </div>
        <button class="button" data-change ?disabled=${this.adding} @click=${()=>this.open(e)}>
          ${this.t(`rooms.change_first`)}<span class="sr"> ${n}</span>
        </button>
        ${t?u:l`<button
                class="button primary"
                data-add
                ?disabled=${this.adding}
                @click=${()=>{this.asked=r,this.errors={}}}
              >
                ${this.t(`rooms.protect`)}<span class="sr"> ${n}</span>
              </button>`}
      </div>
      ${t?l`${rt(this.texts,{text:this.t(`rooms.keep_question`,{name:n}),busy:this.adding,answer:e=>void this.add({name:n,address:r,wake_word:a,area:``},e),cancel:()=>this.asked=``})}${this.wrong(Object.values(this.errors)[0])}`:u}
    </li>`}fields(e){let{wake_words:t,areas:n}=this.choices;return l`<form
      class="card"
      aria-label=${this.t(`first.another`)}
      @submit=${e=>e.preventDefault()}
    >
      <h2>${this.t(`first.another`)}</h2>
      ${this.text(`name`,e,this.t(`rooms.name`),this.t(`rooms.name_detail`))}
      ${this.text(`address`,e,this.t(`rooms.address`),this.t(`rooms.address_detail`))}
      ${this.select(`wake_word`,e,this.t(`rooms.wake_word`),this.t(`rooms.wakes_itself`),t.map(({id:e,phrase:t})=>[e,t]))}
      ${n.length?this.select(`area`,e,this.t(`rooms.area`),`–`,n.map(({id:e,name:t})=>[e,t])):u}
      ${rt(this.texts,{text:this.t(`rooms.keep_new`),busy:this.adding,answer:t=>void this.add(e,t),cancel:()=>this.form=void 0})}
      <p class="muted-text" role="status">${this.adding?this.t(`rooms.connecting`):``}</p>
      ${this.wrong(this.errors.base)}
    </form>`}text(e,t,n,r){let i=this.errors[e],a=`new-${e}`;return l`<div class="entry">
      <label for=${a}>${n}</label>
      <input
        class="field"
        id=${a}
        dir=${e===`address`?`ltr`:`auto`}
        autocomplete="off"
        autocapitalize=${e===`address`?`off`:`words`}
        spellcheck="false"
        maxlength="600"
        aria-required="true"
        aria-invalid=${i!==void 0}
        aria-describedby="${a}-detail ${a}-error"
        .value=${t[e]}
        @input=${n=>t[e]=n.target.value}
      />
      <p class="muted-text" id="${a}-detail">${r}</p>
      <div id="${a}-error">${this.wrong(i)}</div>
    </div>`}select(e,t,n,r,i){let a=`new-${e}`;return l`<div class="entry">
      <label for=${a}>${n}</label>
      <select
        class="field"
        id=${a}
        @change=${n=>t[e]=n.target.value}
      >
        ${[[``,r],...i].map(([n,r])=>l`<option value=${n} .selected=${n===t[e]}>${r}</option>`)}
      </select>
    </div>`}wrong(e){return e===void 0?u:l`<p class="wrong" role="alert">${b(S.alert)}<span>${e}</span></p>`}};x([_({type:Boolean})],M.prototype,`lead`,void 0),x([g()],M.prototype,`found`,void 0),x([g()],M.prototype,`choices`,void 0),x([g()],M.prototype,`asked`,void 0),x([g()],M.prototype,`form`,void 0),x([g()],M.prototype,`adding`,void 0),x([g()],M.prototype,`errors`,void 0),n(`voice-privacy-new-satellite`,M);var N=class extends h{constructor(...e){super(...e),this.lead=!1,this.adding=!1}static{this.styles=[C,tt]}ask(e){this.asked=e,this.error=void 0}async add({source:e,name:t},n){this.adding=!0,await this.attempt(async()=>{let r={source:e,save_recordings:n},{pipeline:i}=await this.connection.call(`satellites/add`,r);this.notify(this.t(i?`rooms.added`:`rooms.added_deaf`,{name:t}))}),this.adding=!1,this.asked=void 0}async takeOver({source:e,name:t},n){this.adding=!0,this.error=void 0,await this.attempt(async()=>{let r={source:e,save_recordings:n},{errors:i}=await this.connection.call(`satellites/take_over`,r);[this.error]=Object.values(await $e(this.connection,this.texts,i,[`abort`,`error`])),this.error===void 0&&(this.notify(this.t(`rooms.added`,{name:t})),this.asked=void 0)}),this.adding=!1}render(){let e=this.state.unprotected??[];if(!e.length)return u;let t=this.asked??(this.lead?{source:e[0].source}:{});return l`<section class="card" aria-label=${this.t(`rooms.unprotected`)}>
      <ul>
        ${e.map(e=>this.row(e,this.admin&&e.source===t.source?t:void 0))}
      </ul>
    </section>`}row(e,t){let{source:n,name:r,wyoming:i}=e,a=(e,t)=>l`<button
        class="button ${t?``:`primary`}"
        ?data-protect=${!t}
        ?data-take-over=${t}
        ?disabled=${this.adding}
        @click=${()=>this.ask({source:n,takesOver:t})}
      >
        ${this.t(e)}<span class="sr"> ${r}</span>
      </button>`;return l`<li>
      <div class="line">
        <span class="badge not_listening">${b(S.shieldAlert)}</span>
        <div class="grow">
          <h2><bdi>${r}</bdi></h2>
          <p>${this.t(`rooms.unprotected`)}</p>
          <p class="muted-text">${this.t(`rooms.unprotected_detail`)}</p>
        </div>
        ${this.admin&&(!t||t.takesOver)?a(`rooms.protect`,!1):u}
        ${this.admin&&i&&!t?.takesOver?a(`rooms.take_over`,!0):u}
      </div>
      ${t?.takesOver?l`<p class="muted-text why">${this.t(`rooms.take_over_detail`)}</p>`:u}
      ${t?this.question(e,t):u}
      ${t&&this.error!==void 0?l`<p class="wrong" role="alert">${b(S.alert)}${this.error}</p>`:u}
    </li>`}question(e,{takesOver:t}){return rt(this.texts,{text:this.t(t?`rooms.take_over_question`:`rooms.keep_question`,{name:e.name}),busy:this.adding,answer:n=>void(t?this.takeOver(e,n):this.add(e,n)),cancel:()=>this.ask({})})}};x([_({type:Boolean})],N.prototype,`lead`,void 0),x([g()],N.prototype,`asked`,void 0),x([g()],N.prototype,`adding`,void 0),x([g()],N.prototype,`error`,void 0),n(`voice-privacy-unprotected`,N);var at=`voice_privacy_first_run_done`,P=class extends h{constructor(...e){super(...e),this.shown=!1,this.deaf=!1,this.wakes={},this.meter=new Ie(this)}static{this.styles=[C,We]}connectedCallback(){super.connectedCallback();let{recordings:e,ever_kept:t}=this.house,n=this.admin&&!e&&!t&&!localStorage.getItem(at);e&&localStorage.setItem(at,`1`),n&&(this.shown=!0,this.count(),this.look())}stateChanged(){if(super.stateChanged(),!this.shown)return;let e=this.state.satellites.find(({id:e,wakes_today:t})=>t>(this.wakes[e]??t));e&&(this.woke=e.id),this.count()}recordingsAdded(e){let[t]=e;this.shown&&t&&this.attempt(async()=>{this.heard=await this.connection.call(`recordings/get`,{recording_id:t.id})})}count(){this.wakes=Object.fromEntries(this.state.satellites.map(({id:e,wakes_today:t})=>[e,t]))}async look(){await this.attempt(async()=>{let{pipelines:e}=await this.connection.call(`options/get`);this.deaf=!e.length})}done(){localStorage.setItem(at,`1`),this.meter.stop(),this.shown=!1}get ready(){return this.state.satellites.filter(w)}render(){if(!this.shown||!this.admin)return u;let{ready:e,heard:t}=this;return l`<section class="card" aria-labelledby="first-title">
      <header>
        <h2 id="first-title">${this.t(`first.title`)}</h2>
        <button class="button" id="first-done" @click=${this.done}>
          ${this.t(t?`common.done`:`first.later`)}
        </button>
      </header>
      <ol>
        ${this.step(1,e.length>0,`first.choose`,this.choose())}
        ${this.step(2,e.length>0,`first.keep`,e.length?this.keep():u)}
        ${this.step(3,t!==void 0,`first.say`,e.length?this.say():u)}
      </ol>
    </section>`}step(e,t,n,r){return l`<li class=${t?`done`:``}>
      <span class="number" aria-hidden="true">${t?b(S.check):this.texts.number(e)}</span>
      <div>
        <h3>${this.t(n)}${t?l`<span class="sr"> (${this.t(`common.done`)})</span>`:u}</h3>
        ${r}
      </div>
    </li>`}choose(){let e=this.state.satellites.filter(e=>!w(e)),t=new URLSearchParams(location.search).has(`start`);return l`${this.ready.length?u:this.deafNote()}
      <voice-privacy-unprotected
        .connection=${this.connection}
        .texts=${this.texts}
        .lead=${t}
      ></voice-privacy-unprotected>
      ${e.map(e=>l`<p class="mend">
            <span>${be(this.texts,this.connection,e)}</span>
            <button class="button primary" @click=${()=>void this.choosePipeline(e)}>
              ${this.t(`rooms.choose_pipeline`,{pipeline:e.pipeline})}<span class="sr">
                ${e.name}</span
              >
            </button>
          </p>`)}
      <voice-privacy-new-satellite
        .connection=${this.connection}
        .texts=${this.texts}
        .lead=${t}
      ></voice-privacy-new-satellite>`}deafNote(){return this.deaf?l`<p class="note warn">
      ${b(S.alert)}<span>${this.t(`first.no_speech_to_text`)}</span>
      <a class="button" href="/config/voice-assistants/assistants">${this.t(`first.assistants`)}</a>
    </p>`:u}keep(){return l`<ul>
      ${this.ready.map(({id:e,name:t,toggles:n})=>l`<li>
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
    </ul>`}say(){let{heard:e,ready:t}=this;return l`${this.deafNote()} ${t.map(e=>this.microphone(e))}
      <div class="heard" role="status">${e?this.understood(e):this.waiting()}</div>`}microphone(e){let t=e.wake_words[0]?.phrase,n=e.state===`recording`||e.state===`listening`;return l`<div class="microphone">
      ${y(e)}
      <span
        ><b><bdi>${e.name}</bdi></b> · ${pe(this.texts,this.connection,e)}
        <small
          >${n?t?this.t(`first.say_words`,{phrase:t}):this.t(`first.say_own`):be(this.texts,this.connection,e)}</small
        ></span
      >
      ${n&&e.is_scored?this.level(e):u}
      ${n?l`<voice-privacy-microphone-test
              brief
              .connection=${this.connection}
              .texts=${this.texts}
              .satellite=${e}
            ></voice-privacy-microphone-test>`:u}
      ${n||e.state===`muted`?u:this.mend(e)}
    </div>`}mend({silence_reason:e}){return e===`no_wake_word`?l`<a class="button" href="/voice-privacy/rooms">${this.t(`first.rooms`)}</a>`:l`<a class="button" href="/config/repairs">${this.t(`first.repairs`)}</a>`}level(e){let{name:t}=e;if(this.meter.satellite!==e.id)return l`<button
        class="button"
        data-level
        @click=${()=>void this.attempt(()=>this.meter.start(e))}
      >
        ${b(S.microphone)}${this.t(`first.level`)}<span class="sr"> ${t}</span>
      </button>`;let n=Math.round(this.meter.level*100);return l`<span
      class="level"
      role="meter"
      aria-label=${this.t(`first.level_of`,{name:t})}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${n}
      ><i style="width:${n}%"></i
    ></span>`}waiting(){let e=this.woke===void 0?void 0:this.connection.nameOf(this.woke);if(e===void 0)return``;let t=this.ready.find(({id:e})=>e===this.woke)?.toggles.save_recordings.on;return this.t(t?`first.woke`:`first.woke_off`,{name:e})}understood({transcript:e,reply:t,kind:n}){return l`${b(S.done)}
      <div>
        <b
          >${e?this.t(`review.understood`,{text:e}):this.t(n===`false_wake`?`first.nothing_understood`:`recordings.no_transcript`)}</b
        >
        ${t?l`<p class="muted-text" dir="auto">${t}</p>`:u}
        <p class="muted-text">${this.t(`first.kept`)}</p>
      </div>`}};x([g()],P.prototype,`shown`,void 0),x([g()],P.prototype,`heard`,void 0),x([g()],P.prototype,`woke`,void 0),x([g()],P.prototype,`deaf`,void 0),n(`voice-privacy-first-run`,P);var ot=1e4;function F(e,t){let n=document.createElement(`a`);n.href=URL.createObjectURL(e),n.download=t,n.click(),setTimeout(()=>URL.revokeObjectURL(n.href),ot)}async function st(e,{id:t,started_at:n}){F(await(await e.fetch(`recordings/${t}/audio?download`)).blob(),`voice-privacy-${n.slice(0,19).replaceAll(`:`,`-`)}.wav`)}async function ct(e,t,n){F(await(await e.fetch(`archive?${new URLSearchParams({recording_ids:t.join(`,`)})}`)).blob(),`voice-privacy-${n}.zip`)}var I=class extends h{constructor(...e){super(...e),this.first=``,this.last=``,this.satellite=``}static{this.styles=[C,Ce]}async open(){this.mode=`menu`,this.satellite=``,this.progress=this.message=void 0,await this.updateComplete,this.dialog.showModal()}get dialog(){return this.renderRoot.querySelector(`dialog`)}ask(e){this.dialog.close(),this.emit(`vp-delete`,e)}range(){let e=this.texts.startOfDay(this.first),t=this.texts.startOfDay(this.last,1),n=this.house.today,[r,i]=[this.texts.dayName(this.first,n),this.texts.dayName(this.last,n)],a=this.first===this.last?this.t(`delete.title_day`,{day:r}):this.t(`delete.title_range`,{first:r,last:i}),o=this.satellite?{satellite_ids:[this.satellite]}:{};this.ask({title:a,request:{scope:`range`,start:e,end:t,...o},typed:!0})}begin(e){this.mode=e,this.first=this.last=e===`range`?this.house.today:``}daysAgo(e){let[t,n,r]=this.house.today.split(`-`).map(Number);return new Date(Date.UTC(t,n-1,r-e)).toISOString().slice(0,10)}presets(e){let{today:t}=this.house,n=this.daysAgo(1),r=[[`only_today`,t,t],[`yesterday`,n,n],[`week`,this.daysAgo(6),t],[`month`,this.daysAgo(29),t],...e===`export`?[[`everything`,``,``]]:[]];return l`<div class="presets" role="group" aria-label=${this.t(`manage.days`)}>
      ${r.map(([e,t,n])=>l`<button
            class="button"
            aria-pressed=${this.first===t&&this.last===n}
            @click=${()=>{this.first=t,this.last=n}}
          >
            ${this.t(`manage.${e}`)}
          </button>`)}
    </div>`}rooms(){let{satellites:e}=this.state;return e.length<2?u:l`<label class="wide"
      >${this.t(`recordings.satellite`)}<select
        class="field"
        @change=${e=>this.satellite=e.target.value}
      >
        <option value="">${this.t(`recordings.all_satellites`)}</option>
        ${e.map(({id:e,name:t})=>l`<option value=${e} ?selected=${e===this.satellite}>${t}</option>`)}
      </select></label
    >`}async export(){this.progress=0,this.message=void 0,this.abort=new AbortController;try{let e=new URLSearchParams;this.first&&e.set(`first_day`,this.first),this.last&&e.set(`last_day`,this.last),this.satellite&&e.set(`satellite_id`,this.satellite);let t=await this.connection.fetch(`archive?${e}`),n=Number(t.headers.get(`X-Expected-Size`))||1,r=[],i=t.body.getReader();this.abort.signal.addEventListener(`abort`,()=>void i.cancel());let a=0;for(;;){let{done:e,value:t}=await i.read();if(e)break;r.push(t),a+=t.length,this.progress=Math.min(.99,a/n)}if(this.abort.signal.aborted)return;F(new Blob(r,{type:`application/zip`}),`voice-privacy-${[this.first,this.last].filter(Boolean).join(`-`)||this.house.today}.zip`),this.message=this.t(`export.done`,{size:this.texts.size(a)})}catch(e){this.message=this.texts.error(r(e).code)}finally{this.progress=void 0}}closed(){this.abort?.abort(),this.mode=void 0}render(){return l`<dialog
      aria-labelledby="title"
      @close=${this.closed}
      @keydown=${e=>e.stopPropagation()}
    >
      ${this.mode?l`<div class="dialog">${this.mode===`menu`?this.menu():this.form(this.mode)}</div>`:``}
    </dialog>`}menu(){let{permissions:e,satellites:t}=this.state,n=t.map(e=>e.id),r=e.admin?void 0:n.filter(t=>e.control.includes(t)),i=r?{satellite_ids:r}:{},a=e.admin||!!r?.length,o=(e,t,n)=>l`<button class="choice" id="manage-${e}" @click=${n}>
        ${b(t)}<span
          ><strong>${this.t(`manage.${e}`)}</strong><small>${this.t(`manage.${e}_detail`)}</small></span
        >
      </button>`;return l`<h2 id="title">${this.t(`manage.title`)}</h2>
      ${a?l`${o(`last`,S.deleted,()=>this.ask({title:this.t(`delete.title_last`),request:{scope:`last`,...i}}))}
            ${o(`today`,S.deleted,()=>this.ask({title:this.t(`delete.title_today`),request:{scope:`today`,...i}}))}
            ${o(`false_wakes`,S.deleted,()=>this.ask({title:this.t(`delete.title_false_wakes`),request:{scope:`false_wakes`,...i}}))}`:l`<p>${this.t(`manage.nothing_allowed`)}</p>`}
      ${e.admin?l`${o(`range`,S.deleted,()=>this.begin(`range`))}
            ${o(`all`,S.alert,()=>this.ask({title:this.t(`delete.title_all`),request:{scope:`all`},typed:!0}))}
            ${o(`export`,S.archive,()=>this.begin(`export`))}`:l`<p class="note">${b(S.lock)}<span>${this.t(`manage.owner_only`)}</span></p>`}
      <div class="actions">
        <button class="button" @click=${()=>this.dialog.close()}>${this.t(`common.cancel`)}</button>
      </div>`}form(e){let{first:t,last:n}=this,r=!!t&&!!n&&t>n,i=!r&&(e===`export`||t&&n);return l`<h2 id="title">${this.t(`manage.${e}`)}</h2>
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
      ${r?l`<p class="note warn" role="alert">${b(S.alert)}<span>${this.t(`manage.reversed`)}</span></p>`:u}
      ${this.progress===void 0?``:l`<div
              class="bar"
              role="progressbar"
              aria-label=${this.t(`export.working`)}
              aria-valuenow=${Math.round(this.progress*100)}
            >
              <i style="width:${this.progress*100}%"></i>
            </div>`}
      ${this.message?l`<p role="status">${this.message}</p>`:``}
      <div class="actions">
        <button class="button" @click=${()=>this.dialog.close()}>
          ${this.t(this.message?`common.close`:`common.cancel`)}
        </button>
        ${e===`range`?l`<button class="button danger" ?disabled=${!i} @click=${this.range}>
                ${this.t(`common.next`)}
              </button>`:l`<button
                class="button"
                id="export"
                ?disabled=${!i||this.progress!==void 0}
                @click=${()=>void this.export()}
              >
                ${b(S.archive)}${this.t(`export.button`)}
              </button>`}
      </div>`}};x([g()],I.prototype,`mode`,void 0),x([g()],I.prototype,`first`,void 0),x([g()],I.prototype,`last`,void 0),x([g()],I.prototype,`satellite`,void 0),x([g()],I.prototype,`progress`,void 0),x([g()],I.prototype,`message`,void 0),n(`voice-privacy-manage`,I);var lt=v` :host { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(380px, 100%), 1fr)); align-items: start; } .card { padding: 20px; } `,L=v` ${lt} h2 { font-size: 17px; font-weight: 500; margin-bottom: 4px; } .toggle { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: flex-start; padding: 14px 0; } .toggle + .toggle { border-top: 1px solid var(--vp-line); } .toggle label { flex: 1 1 170px; min-width: 0; overflow-wrap: anywhere; hyphens: auto; cursor: pointer; } .toggle strong { display: block; font-weight: 500; font-size: 15px; } .toggle small { display: block; margin-top: 4px; font-size: 12px; color: var(--secondary-text-color); } .figures { display: flex; flex-wrap: wrap; gap: 8px 32px; margin: 12px 0 16px; } .figures b { display: block; font-size: 26px; font-weight: 400; line-height: 1.2; } .toggle .field { flex: none; max-width: min(100%, 180px); } fieldset { margin: 0; border: none; min-width: 0; } fieldset.toggle { display: block; padding: 8px 0 14px; } fieldset + .toggle { border-top: 1px solid var(--vp-line); } legend { padding: 0; } .toggle .choice { display: flex; align-items: center; gap: 12px; min-height: 48px; overflow-wrap: anywhere; } .toggle .folder { flex: 0 1 260px; max-width: 100%; min-height: 48px; } .note.wide { flex-basis: 100%; } .limit { width: 110px; text-align: end; } .wide { grid-column: 1 / -1; } .rooms { container-type: inline-size; } .stack { display: grid; gap: 16px; } .rooms dl { columns: 320px 2; column-gap: 32px; margin: 8px 0 16px; } .rooms dt { font-weight: 500; color: var(--primary-text-color); } .rooms dt { break-after: avoid; } .rooms dd { margin: 0 0 8px; break-inside: avoid; } table { width: 100%; border-collapse: collapse; } th { font-weight: 500; text-align: start; } thead th { font-size: 13px; color: var(--secondary-text-color); padding: 8px 16px 8px 0; } tbody tr { border-top: 1px solid var(--vp-line); } tbody th, tbody td { padding: 10px 0; padding-inline-end: 16px; overflow-wrap: anywhere; } td .label { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; } .pair { display: inline-flex; align-items: center; gap: 8px; } td input { display: block; } @container (max-width: 720px) { table, tbody, tr, th[scope="row"], tbody td { display: block; } thead { display: none; } tbody tr { padding: 12px 0; } tbody th { padding: 4px 0; font-size: 15px; } tbody td { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 4px 16px; min-height: 48px; padding: 4px 0; } tbody td:empty { display: none; } td .label { position: static; width: auto; height: auto; clip-path: none; white-space: normal; } } .row { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 16px; } .unsaved { position: sticky; bottom: 0; align-items: center; padding: 12px 0 calc(12px + env(safe-area-inset-bottom)); border-top: 1px solid var(--vp-line); background: var(--vp-card); } .unsaved strong { flex: 1; } `,ut=v` :host { margin-top: 16px; } .toggle { align-items: center; } .toggle .field { max-width: 100%; } ul { list-style: none; margin: 0; padding: 0; } li { display: flex; align-items: center; justify-content: space-between; gap: 8px; border-bottom: 1px solid var(--vp-line); overflow-wrap: anywhere; } form { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(150px, 100%), 1fr)); gap: 12px; align-items: end; margin-top: 12px; } form .field { display: block; width: 100%; box-sizing: border-box; margin-top: 4px; } `;function dt({toggles:e,is_scored:t}){return e.save_near_misses!==void 0&&(!!t||e.save_near_misses.on)}var ft=class extends h{async set(e,t,n){let r={toggle:e,on:t,...n?{satellite_ids:n}:{}},{taken_out:i}=await this.connection.call(`settings/set`,r);e!==`help_improve`||t||this.notify(this.t(`consent.help_improve_off`,{count:this.texts.number(i)}))}keep(e,t,n,r,i){let a=`${e}-${i?.id??`house`}`;return l`${this.setting(a,this.t(`retention.${e}`),this.t(`retention.${e}_detail`),i?void 0:r,this.periods(e,t,n,i),i)}
    ${this.questionOf(a)}`}periods(e,t,n,r,i){let a=`${e}-${r?.id??`house`}`,o=this.pending?.key===a?this.pending:void 0;return l`<select
      class="field"
      id=${a}
      aria-labelledby=${i??`${a}-name`}
      aria-describedby=${i?`${e}-about`:`${a}-about`}
      ?disabled=${!this.admin}
      .value=${o?String(o.value):n}
      @change=${t=>{let i=t.target;this.chosen(i,n,this.choose(e,i.value,r))}}
    >
      ${t.map(e=>l`<option value=${e} ?selected=${e===(o?.value??n)}>
            ${this.t(e===`as_others`&&!r?`retention.as_recordings`:`retention.${e}`)}
          </option>`)}
    </select>`}questionOf(e){let t=this.pending;if(t?.key!==e)return``;let{preview:n}=t;return l`<div class="note warn" role="alert">
      ${b(S.alert)}
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
    </div>`}async chosen(e,t,n){await n||(e.value=String(t))}async choose(e,t,n){let r={setting:e,value:t,...n?{satellite_id:n.id}:{}},i=e===`storage_limit`?e:`${e}-${n?.id??`house`}`;return await this.ask(`retention`,i,t,r)}ask(e,t,n,r){return this.pending=void 0,this.attempt(async()=>{let i=await this.connection.call(`${e}/preview`,r),a={command:e,key:t,value:n,fields:r,preview:i};i.count?this.pending=a:await this.send(a)})}async send({command:e,fields:t}){await this.connection.call(`${e}/set`,t),this.notify(this.t(`retention.chosen`))}apply(e){return this.pending=void 0,this.attempt(()=>this.send(e))}toggle(e,t,n,r){return this.setting(`${e}-${r?.id??`house`}`,this.t(`consent.${e}`),this.t(`consent.${e}_${r&&e===`help_improve`?`one_detail`:`detail`}`),t.changed,this.switch(e,t.on,n,r?.id??`house`,r&&[r.id]),r)}nearMisses(e){let{save_near_misses:t}=e.toggles;return t&&dt(e)?this.toggle(`save_near_misses`,t,this.admin,e):this.setting(`save_near_misses-${e.id}`,this.t(`consent.save_near_misses`),this.t(`consent.save_near_misses_unavailable`),void 0,l``,e)}switch(e,t,n,r,i,a){let o=`${e}-${r}`;return l`<input
      type="checkbox"
      role="switch"
      id=${o}
      aria-labelledby=${a??`${o}-name`}
      aria-describedby=${a?`${e}-about`:`${o}-about`}
      ?disabled=${!n}
      .checked=${t}
      @change=${t=>void this.turn(t,t=>this.set(e,t,i))}
    />`}setting(e,t,n,r,i,a){return l`<div class="toggle">
      <label for=${e}
        ><strong id="${e}-name">${t}${a?l`<span class="sr"> ${a.name}</span>`:``}</strong>
        <span id="${e}-about"
          ><span class="muted-text">${n}</span>${r===void 0?``:l`<small>${this.changed(r)}</small>`}</span
        ></label
      >
      ${i}
    </div>`}changed(e){if(!e)return this.t(`consent.unchanged`);let t=e.user??this.t(`who.${e.by}`);return this.t(`consent.changed`,{time:this.texts.dateTime(e.when),who:t})}};x([g()],ft.prototype,`pending`,void 0);var pt=class extends ft{static{this.styles=[C,L,ut]}connectedCallback(){super.connectedCallback(),this.load()}stateChanged(){super.stateChanged(),this.basis!==this.known&&this.load()}get basis(){return JSON.stringify([this.admin,this.state.satellites.map(({id:e,level:t})=>[e,t])])}async load(){this.known=this.basis;try{this.answer=this.admin?await this.connection.call(`levels/get`):void 0}catch{}}async send(e){await super.send(e),await this.load()}setOverrides(e){let t=e.map(({entity_id:e,states:t,level:n,area_id:r})=>({entity_id:e,states:t,level:n,area_id:r}));return this.attempt(async()=>{await this.connection.call(`levels/set_overrides`,{overrides:t}),await this.load()},{invalid_request:this.t(`level.refused`)})}async add(e){e.preventDefault();let t=e.target,n=e=>t.elements.namedItem(e).value.trim(),r={entity_id:n(`entity`),states:n(`state`).split(/\s*,\s*/).filter(Boolean),level:n(`level`),area_id:n(`room`)||null};await this.setOverrides([...this.answer.overrides,r])&&t.reset()}render(){let{answer:e}=this;return e?.rooms?l`<section class="card" aria-labelledby="levels-title">
        <h2 id="levels-title">${this.t(`level.title`)}</h2>
        <p class="muted-text">${this.t(`level.detail`)}</p>
        ${e.rooms.map(({id:e,name:t,level:n})=>this.room(e,t,n))}
        ${this.room(null,this.t(`level.new_rooms`),e.new_rooms)}
      </section>
      <section class="card" aria-labelledby="rules-title">
        <h2 id="rules-title">${this.t(`level.rules`)}</h2>
        <p class="muted-text">${this.t(`level.rules_detail`)}</p>
        <ul>
          ${e.overrides.map(t=>this.rule(e,t))}
        </ul>
        ${this.form(e)}
      </section>`:u}room(e,t,n){let r=`level-${e??``}`,i=this.pending?.key===r?String(this.pending.value):n;return l`<div class="toggle">
        <label for=${r}
          ><strong><bdi>${t}</bdi></strong></label
        >
        ${this.select(r,``,d,i,({target:t})=>{let i=t,{value:a}=i;this.chosen(i,n,this.ask(`levels`,r,a,{area_id:e,level:a}))})}
      </div>
      ${this.questionOf(r)}`}select(e,t,n,r,i){return l`<select class="field" id=${e} name=${t} .value=${r} @change=${i}>
      ${n.map(e=>l`<option value=${e} ?selected=${e===r}>${this.t(`state.level_${e}`)}</option>`)}
    </select>`}rule({rooms:e,overrides:t},n){let{name:r,states:i,level:a,area_id:o}=n,s=o?e.find(({id:e})=>e===o)?.name??o:this.t(`level.house`);return l`<li>
      <span
        >${this.t(`level.rule`,{name:r,states:i.join(`, `),level:this.t(`state.level_${a}`),room:s})}</span
      >
      <button
        class="icon-button"
        aria-label=${this.t(`level.remove`,{name:r})}
        @click=${()=>void this.setOverrides(t.filter(e=>e!==n))}
      >
        ${b(S.close)}
      </button>
    </li>`}form({rooms:e,entities:n}){return l`<form @submit=${e=>void this.add(e)}>
      <label>${this.t(`level.entity`)}<input class="field" name="entity" list="entities" required /></label>
      <label>${this.t(`level.state`)}<input class="field" name="state" required /></label>
      <label>${this.t(`level.level`)}${this.select(`rule-level`,`level`,t,t[0])}</label>
      <label
        >${this.t(`level.room`)}<select class="field" name="room">
          <option value="">${this.t(`level.house`)}</option>
          ${e.map(({id:e,name:t})=>l`<option value=${e}>${t}</option>`)}
        </select></label
      >
      <datalist id="entities">
        ${n.map(({id:e,name:t,state:n})=>l`<option value=${e}>${t} · ${n}</option>`)}
      </datalist>
      <button class="button" type="submit">${this.t(`level.add`)}</button>
    </form>`}};x([g()],pt.prototype,`answer`,void 0),n(`voice-privacy-levels`,pt);function mt(e,t,n){return l`<div class="card empty">
    <span class="hero">${b(e)}</span>
    <h2>${t}</h2>
    <p>${n}</p>
  </div>`}function ht(e,t){if(E(t))return gt(e);let n=e.count(`recordings`,t.house.recordings),r=T(t)?`recordings.not_allowed_detail`:`recordings.not_allowed_yours`,i=e.get(r,{recordings:n});return mt(S.lock,e.get(`recordings.not_allowed`),i)}function gt(e){return mt(S.lock,e.get(`household.no_rooms`),e.get(`household.no_rooms_detail`))}function _t(e,t,n){return n||t.house.recordings>0?mt(S.search,e.get(`recordings.none_match`),e.get(`recordings.none_match_detail`)):mt(S.shield,..._e(e,t))}function vt(){return l`<div class="ghost card" aria-hidden="true">
    <i></i><span><b></b><u></u></span>
  </div>`}function yt(e){return l`<div class="ghosts" role="status">
    <span class="sr">${e.get(`common.loading`)}</span>${[1,2,3,4].map(vt)}
  </div>`}function bt(e,t,n){return l`<div class="note warn failed" role="alert">
    ${b(S.alert)}<span>${e.error(t.code)}</span>
    <button class="button" @click=${n}>${e.get(`common.retry`)}</button>
  </div>`}function xt(e,{done:t,total:n,running:r},i){let a=r?e.get(`recordings.searching`,{done:e.number(t),total:e.number(n)}):e.get(`recordings.found`,{recordings:e.count(`recordings`,i)});return l`<div class="progress">
    <p role="status">${a}</p>
    ${r?l`<div class="bar"><i style="width:${n?100*t/n:0}%"></i></div>`:u}
  </div>`}function St(e,{day:t,name:n,ids:r,searched:i,selection:a,remove:o}){let s=a.hasAll(r),c=e.get(`recordings.delete_day`,{day:n});return l`<header class="day">
    ${r.length?l`<input
            type="checkbox"
            class="box pick"
            aria-label=${e.get(`recordings.select_day`,{day:n})}
            .checked=${s}
            @change=${()=>a.set(r,!s)}
          />`:u}
    <div class="when">
      <h3>${n}</h3>
      <span class="muted-text"
        >${i?e.count(`recordings`,t.recordings.length):l`${e.count(`recordings`,t.figures.count)}${e.behind(t.figures.size)}`}</span
      >
    </div>
    ${o?l`<button class="icon-button" aria-label=${c} title=${c} @click=${o}>
            ${b(S.deleted)}
          </button>`:u}
  </header>`}function Ct(e,t,{all:n,download:r,remove:i}){if(!t.size)return u;let a=e.count(`recordings`,t.size),o=t.size>200;return l`<div class="selection" role="region" aria-label=${e.get(`recordings.selection`)}>
    <span role="status">${e.get(`recordings.selected`,{recordings:a})}</span>
    <button class="button" @click=${()=>t.clear()}>${e.get(`recordings.clear_selection`)}</button>
    ${n?l`<button class="button" id="select-all" @click=${n}>${e.get(`timeline.select_all`)}</button>`:u}
    ${r?l`<button
            class="button"
            id="download-selected"
            ?disabled=${o}
            title=${o?e.get(`timeline.download_most`,{count:e.number(200)}):u}
            @click=${r}
          >
            ${b(S.archive)}${e.get(`recordings.download_short`)}
          </button>`:u}
    <button class="button danger" id="delete-selected" @click=${i}>
      ${b(S.deleted)}${e.get(`delete.button`,{recordings:a})}
    </button>
  </div>`}var wt=v` grid-template-columns: minmax(150px, 2fr) minmax(80px, 1fr) 64px 88px 88px 142px minmax(90px, 1fr) 80px 48px; gap: 12px; align-items: center; `,Tt=v` :host { display: block; container-type: inline-size; } .head { display: grid; grid-template-columns: 1fr auto 48px; gap: 12px; align-items: center; padding: 12px 8px 12px 16px; padding-inline: 16px 8px; } .who { display: flex; align-items: center; gap: 14px; min-width: 0; } .who > div { min-width: 0; overflow-wrap: anywhere; } .badge { width: 44px; height: 44px; } .badge .icon { width: 24px; height: 24px; } h2 { font-size: 16px; font-weight: 500; margin: 0; } .state { flex-wrap: wrap; white-space: normal; font-weight: 400; color: var(--secondary-text-color); } .level { display: block; color: var(--secondary-text-color); font-size: 12px; } .cells { grid-column: 1 / -1; grid-row: 2; display: grid; grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)); gap: 12px 16px; padding-inline-end: 8px; } .cell { min-width: 0; overflow-wrap: anywhere; } .label { display: block; font-size: 12px; color: var(--secondary-text-color); } .yes { display: inline-flex; align-items: center; gap: 4px; color: var(--secondary-text-color); } .yes.on { color: var(--primary-text-color); } .yes.on .icon { color: var(--vp-good-text); } .yes .icon { width: 18px; height: 18px; } .chart { display: flex; align-items: center; gap: 10px; font-weight: 500; line-height: 1.15; } .chart small { display: block; font-size: 12px; font-weight: 400; white-space: nowrap; color: var(--secondary-text-color); } .spark { width: 72px; height: 28px; flex: none; border-bottom: 1px solid var(--vp-line); } .spark:dir(rtl) { transform: scaleX(-1); } .spark .woke { fill: var(--vp-accent); } .spark .false { fill: var(--vp-warn-text); } .spark .none { fill: var(--secondary-text-color); opacity: 0.5; } .mic { display: grid; justify-items: center; align-content: center; gap: 2px; min-width: 48px; min-height: 48px; font-size: 12px; color: var(--secondary-text-color); cursor: pointer; } .more { width: 48px; height: 48px; } .more .icon { width: 24px; height: 24px; transition: transform 150ms; } .more[aria-expanded="true"] .icon { transform: rotate(180deg); } .detail { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr)); gap: 8px 40px; padding: 4px 20px 20px; border-top: 1px solid var(--vp-line); background: color-mix(in srgb, var(--primary-text-color) 3%, transparent); } .about { padding-top: 14px; } dl { margin: 16px 0; display: grid; grid-template-columns: auto 1fr; gap: 8px 16px; } dt { color: var(--secondary-text-color); } dd { margin: 0; text-align: end; font-weight: 500; } .size { display: block; white-space: nowrap; } .score { display: inline-block; width: 72px; height: 6px; margin-inline-end: 8px; vertical-align: middle; border-radius: 3px; position: relative; background: color-mix(in srgb, var(--primary-text-color) 14%, transparent); } .score i { position: absolute; inset-block: 0; inset-inline-start: 0; border-radius: 3px; background: var(--vp-accent); } .score b { position: absolute; inset-block: -3px; width: 2px; background: var(--primary-text-color); } .talk, #choose-pipeline { min-height: 48px; margin-top: 16px; height: auto; overflow-wrap: anywhere; } voice-privacy-microphone-test { margin-top: 16px; } @container (min-width: 940px) { .head { ${wt} padding: 8px 12px 8px 16px; padding-inline: 16px 12px; } .cells { display: contents; } .cell .label, .mic span:not(.sr) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; } } `,Et=v` :host { container-type: inline-size; display: grid; gap: 16px; } .columns { display: none; color: var(--secondary-text-color); font-size: 13px; } ul { list-style: none; margin: 0; padding: 0; } li + li { border-top: 1px solid var(--vp-line); } .foot { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 12px; } @container (min-width: 940px) { .columns { display: grid; padding: 0 13px 0 17px; margin-bottom: -8px; ${wt} } .columns div { display: contents; } .columns span { min-width: 0; align-self: end; } } `,Dt=class{constructor(e){this.host=e,e.addController(this)}hostConnected(){this.timer=setInterval(()=>{(this.host.connection.state?.satellites??[]).some(e=>e.state===`recording`)&&this.host.requestUpdate()},500)}hostDisconnected(){clearInterval(this.timer)}},Ot=28,kt=8,At=6;function jt(e){return e.reduce((e,t)=>e+(t??0),0)}function Mt({wakes:e,false_wakes:t},n){let r=Math.max(1,...e.map((e,n)=>Math.max(e??0,t[n]??0))),i=e=>e?Math.max(2,e/r*26):0;return l`<svg
    class="spark"
    role="img"
    aria-label=${n}
    viewBox="0 0 ${e.length*kt} ${Ot}"
    preserveAspectRatio="none"
  >
    ${e.map((e,n)=>{let r=n*kt+1;if(e===null)return ie`<rect class="none" x=${r+2} y=${26} width="2" height="2"></rect>`;let a=Math.min(t[n]??0,Math.max(e,t[n]??0)),o=i(Math.max(e,a));return ie`<rect class="woke" x=${r} y=${Ot-o} width=${At} height=${o}></rect>
        <rect class="false" x=${r} y=${Ot-i(a)} width=${At} height=${i(a)}></rect>`})}
  </svg>`}var Nt=v` .threshold { display: grid; grid-template-columns: 1fr auto; gap: 4px 16px; align-items: center; } bdi { font-weight: 500; } input, p, .row { grid-column: 1 / -1; } .slider { height: 48px; } .row { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; } `,Pt=v` :host { display: grid; gap: 16px; } .card { padding: 20px; } .card.empty { padding: 48px 20px; } h2 { font-size: 17px; font-weight: 500; margin-bottom: 4px; } ul { list-style: none; margin: 12px 0 0; padding: 0; } li { padding: 14px 0; border-top: 1px solid var(--vp-line); } .row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; } li .row + .row { margin-top: 10px; } .row .grow { flex: 1; min-width: 150px; } .button[aria-pressed="true"] { background: var(--vp-tint); border-color: var(--vp-accent); } .id { font-family: var(--ha-font-family-code, monospace); } .note { margin: 10px 0 0; } input[type="range"] { display: block; width: 100%; max-width: 420px; min-height: 32px; accent-color: var(--vp-accent); } .verifier { margin-top: 16px; } table { margin-top: 16px; border-collapse: collapse; } caption { text-align: start; font-weight: 500; } th { font-weight: 400; text-align: start; color: var(--secondary-text-color); } th, td { padding: 6px 0; padding-inline-end: 24px; } `,Ft=.5,It=class extends h{constructor(...e){super(...e),this.tried={}}static{this.styles=[C,Pt]}render(){let e=this.state.satellites.filter(({id:e})=>this.answer.satellites[e]),t=this.house.toggles.guest_mode.on;return l`<section class="card" id="scores">
      <h2>${this.t(`review.scores`)}</h2>
      <p class="muted-text">${this.t(`review.scores_detail`)}</p>
      ${t||!e.length?l`<p class="note"><span>${this.t(t?`review.scores_guest`:`review.scores_none`)}</span></p>`:u}
      ${e.length?l`<ul>
              ${e.map(e=>this.replay(e))}
            </ul>`:u}
    </section>`}replay({id:e,name:t,wake_words:n}){let{thresholds:r,satellites:i}=this.answer,a=this.tried[e]??n[0]?.threshold??Ft,o=Lt(r,a),s=i[e];return l`<li>
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
    </li>`}};x([_({attribute:!1})],It.prototype,`answer`,void 0),x([g()],It.prototype,`tried`,void 0);function Lt(e,t){return e.reduce((n,r,i)=>Math.abs(r-t)<Math.abs(e[n]-t)?i:n,0)}n(`voice-privacy-scores`,It);var R=class extends h{constructor(...e){super(...e),this.scores={}}static{this.styles=[C,Nt]}get threshold(){return this.satellite.wake_words[0].threshold}async apply(e,t){let{id:n}=this.satellite,r=await this.attempt(()=>this.connection.call(`microphones/set_threshold`,{satellite_id:n,threshold:e}));this.asked=void 0,r&&(this.previous=t,this.notify(this.t(`retention.chosen`)))}render(){let{threshold:e,previous:t,satellite:n}=this,r=this.asked??e,i=r!==e,a=`threshold-${n.id}`,o=e=>Number(e.target.value)/100;return l`<div class="threshold">
      <label for=${a}>${this.t(`microphones.threshold`)}<span class="sr"> ${n.name}</span></label>
      <bdi aria-hidden="true">${this.texts.percent(r)}</bdi>
      <input
        type="range"
        class="slider"
        id=${a}
        min=${we*100}
        max=${te*100}
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
      ${i?l`<div class="row">
              <button class="button" data-undo @click=${()=>this.asked=void 0}>
                ${this.t(`common.cancel`)}
              </button>
              <button class="button primary" data-apply @click=${()=>void this.apply(r,e)}>
                ${this.t(`rooms.apply_threshold`,{threshold:this.texts.percent(r)})}
              </button>
            </div>`:t!==void 0&&t!==e&&this.admin?l`<div class="row">
                <button class="button" data-undo @click=${()=>void this.apply(t)}>
                  ${this.t(`rooms.undo_threshold`,{threshold:this.texts.percent(t)})}
                </button>
              </div>`:u}
    </div>`}replay(e){let{thresholds:t,satellites:n}=this.scores,r=n?.[this.satellite.id];if(!r||!t)return this.t(`rooms.no_scores`);let i=Lt(t,e);return this.t(`review.replay`,{threshold:`\u2068${this.texts.percent(t[i])}\u2069`,avoided:this.texts.number(r.avoided[i]),missed:this.texts.number(r.missed[i]),unknown:this.texts.number(r.unknown[i])})}};x([_({attribute:!1})],R.prototype,`satellite`,void 0),x([_({attribute:!1})],R.prototype,`scores`,void 0),x([g()],R.prototype,`asked`,void 0),x([g()],R.prototype,`previous`,void 0),n(`voice-privacy-threshold`,R);var Rt=`https://github.com/voice-privacy/voice-privacy/blob/main/docs/wyoming.md`,z=class extends ft{static{this.styles=[C,L,Tt]}constructor(){super(),this.scores={},this.open=!1,new Dt(this)}mute(e){return this.connection.call(`settings/set`,{toggle:`muted`,on:e,satellite_ids:[this.satellite.id]})}async talk({id:e,name:t}){await this.attempt(async()=>{await this.connection.call(`microphones/press_to_talk`,{satellite_id:e}),this.notify(this.t(`microphones.speak_now`,{name:t}))})}render(){let{satellite:e,open:t}=this,{id:n,name:r,toggles:i}=e,a=this.state.permissions.control.includes(n),o=Se(this.texts,e),s=w(e)&&ce(this.house.toggles,e)===`recordings`;return l`<div class="head">
        <div class="who">
          ${y(e)}
          <div>
            <h2><bdi>${r}</bdi></h2>
            <span class="state" data-state=${e.state}
              >${pe(this.texts,this.connection,e)} ${o?l`<bdi>${o}</bdi>`:``}</span
            >
            ${e.level?.reasons.length?l`<small class="level">${Le(this.texts,e.level)}</small>`:u}
          </div>
        </div>
        <div class="cells">
          ${this.cell(`words`,`microphones.wake_words`,this.words(e))}
          ${this.cell(`saving`,`rooms.saving`,this.yes(s))}
          ${this.cell(`texts`,`rooms.transcripts`,this.yes(s&&i.save_transcripts.on))}
          ${this.cell(`keep`,`rooms.keep`,this.t(ze(this.house,e)))} ${this.wakes()}
          ${this.cell(`kept`,`microphones.kept`,this.kept(e))}
        </div>
        <label class="mic"
          ><input
            type="checkbox"
            role="switch"
            class="switch"
            ?disabled=${!a}
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
          ${b(S.expand)}
        </button>
      </div>
      ${t?this.detail(e):u}`}cell(e,t,n){return l`<div class="cell ${e}"><span class="label">${this.t(t)}</span>${n}</div>`}yes(e){return l`<span class="yes ${e?`on`:``}"
      >${b(e?S.check:S.close)}${this.t(e?`strip.on`:`strip.off`)}</span
    >`}words({wake_words:e,silence_reason:t}){return e.length?l`<span
      >${e.map((e,n)=>l`${n?`, `:``}<bdi>${e.phrase}</bdi>${e.available||t===`engine_unavailable`?``:l` <span class="muted-text">(${this.t(`microphones.no_model`)})</span>`}`)}</span
    >`:l`<span>${this.t(`microphones.own_wake_word`)}</span>`}kept(e){return l`<span>
      <bdi>${this.texts.count(`recordings`,e.recordings)}</bdi>
      ${e.size===null?u:l`<bdi class="size">${this.texts.size(e.size)}</bdi>`}
    </span>`}wakes(){let{figures:e}=this;if(!e)return this.cell(`wakes`,`rooms.wakes`,l`<span class="muted-text">–</span>`);let[t,n]=[jt(e.wakes),jt(e.false_wakes)],r={wakes:this.texts.number(t),false_wakes:this.texts.number(n)};return this.cell(`wakes`,`rooms.wakes`,l`<span class="chart"
        >${Mt(e,this.t(`rooms.wakes_detail`,r))}<span aria-hidden="true"
          >${r.wakes}<small>${this.t(`rooms.false`,r)}</small></span
        ></span
      >`)}detail(e){let{toggles:t,keep_recordings:n}=e,r=this.state.may.open_microphone.includes(e.id);return l`<section class="detail" id="detail" aria-label=${this.t(`rooms.details`,{name:e.name})}>
      <div>
        <p class="muted-text about">${be(this.texts,this.connection,e)}</p>
        ${e.pipeline&&this.admin?l`<button
                class="button primary"
                id="choose-pipeline"
                @click=${()=>void this.choosePipeline(e)}
              >
                ${this.t(`rooms.choose_pipeline`,{pipeline:e.pipeline})}
              </button>`:u}
        <dl>
          <dt>${this.t(`microphones.last_wake`)}</dt>
          <dd>${this.lastWake(e)}</dd>
          <dt>${this.t(`microphones.wakes_today`)}</dt>
          <dd>${this.texts.number(e.wakes_today)}</dd>
          <dt>${this.t(`microphones.false_wakes_today`)}</dt>
          <dd>${this.texts.number(e.false_wakes_today)}</dd>
          ${this.lost()} ${this.link(e)}
        </dl>
        ${e.wake_words.length&&this.admin?l`<voice-privacy-threshold
                .connection=${this.connection}
                .texts=${this.texts}
                .satellite=${e}
                .scores=${this.scores}
              ></voice-privacy-threshold>`:u}
        ${r?l`<button
                class="button talk"
                ?disabled=${!ge(e)}
                @click=${()=>void this.talk(e)}
              >
                ${b(S.microphone)}${this.t(`microphones.press_to_talk`)}
              </button>`:u}
        ${this.admin?l`<voice-privacy-microphone-test
                .connection=${this.connection}
                .texts=${this.texts}
                .satellite=${e}
              ></voice-privacy-microphone-test>`:u}
      </div>
      ${this.admin?l`<div>
              ${this.toggle(`save_recordings`,t.save_recordings,!0,e)}
              ${this.toggle(`save_transcripts`,t.save_transcripts,!0,e)}
              ${this.nearMisses(e)} ${this.toggle(`help_improve`,t.help_improve,!0,e)}
              ${this.keep(`keep_recordings`,ee,n,null,e)}
            </div>`:u}
    </section>`}lost(){let e=this.figures?.lost;if(!e)return u;let[t,n]=e;return l`<dt>${this.t(`rooms.lost`)}</dt>
      <dd>${this.texts.percent(t/n,2)}</dd>`}link({link:e}){return e?l`<dt>${this.t(`proof.link_title`)}</dt>
      <dd id="link">
        ${this.t(`proof.link_${e}`)}
        ${e===`not_encrypted`?l`<a href=${Rt} target="_blank">${this.t(`proof.link_more`)}</a>`:u}
      </dd>`:u}lastWake(e){let t=e.last_wake;if(!t)return this.t(`microphones.not_yet`);let n=this.texts.moment(t.when,this.house.today);if(t.started_by===`button`)return this.t(`microphones.by_button`,{time:n});if(t.started_by===`conversation`)return this.t(`microphones.by_question`,{time:n});if(t.score===null)return n;let r=t.score*100;return l`<span class="score" aria-hidden="true"
        ><i style="width:${r}%"></i><b style="inset-inline-start:${(t.threshold??0)*100}%"></b></span
      ><bdi>${this.texts.percent(t.score)}</bdi> · ${n}`}};x([_({attribute:!1})],z.prototype,`satellite`,void 0),x([_({attribute:!1})],z.prototype,`figures`,void 0),x([_({attribute:!1})],z.prototype,`scores`,void 0),x([_({type:Boolean})],z.prototype,`open`,void 0),n(`voice-privacy-room`,z);var zt=6e4,Bt=[`wake_words`,`saving`,`transcripts`,`keep`,`wakes`,`kept`],Vt=class extends h{constructor(...e){super(...e),this.figures={},this.scores={},this.opened={}}static{this.styles=[C,Et]}connectedCallback(){super.connectedCallback(),this.load(),this.polling=setInterval(()=>!document.hidden&&void this.load(),zt)}disconnectedCallback(){super.disconnectedCallback(),clearInterval(this.polling)}stateChanged(){super.stateChanged(),this.basis!==this.known&&this.load()}get basis(){let{satellites:e,house:t}=this.state;return[t.today,...e.map(e=>`${e.id} ${e.wakes_today} ${e.false_wakes_today}`)].join()}async load(){this.known=this.basis;try{this.figures=await this.connection.call(`microphones/figures`),this.admin&&(this.scores=await this.connection.call(`review/scores`))}catch{}}render(){let{satellites:e}=this.state;return l`<voice-privacy-unprotected
        .connection=${this.connection}
        .texts=${this.texts}
      ></voice-privacy-unprotected>
      ${e.length?this.table():u}
      <voice-privacy-new-satellite .connection=${this.connection} .texts=${this.texts}></voice-privacy-new-satellite>
      ${e.length?u:this.none()}`}none(){return E(this.state)?gt(this.texts):l`<div class="card empty">
      <span class="hero">${b(S.microphone)}</span>
      <h2>${this.t(`microphones.none`)}</h2>
      ${this.admin?l`<p>${this.t(`microphones.none_detail`)}</p>
              ${this.add()}`:u}
    </div>`}add(){return l`<a class="button" href="/config/integrations/integration/voice_privacy"
      >${this.t(`microphones.add`)}</a
    >`}table(){let{satellites:e}=this.state,{load:t}=this.figures,n=e.length===1;return l`<div class="columns" aria-hidden="true">
        <span></span>
        <div>
          ${Bt.map(e=>{let t=e===`wake_words`||e===`kept`?`microphones.${e}`:`rooms.${e}`;return l`<span>${this.t(t)}</span>`})}
        </div>
        <span>${this.t(`microphones.microphone`)}</span><span></span>
      </div>
      <ul class="card">
        ${e.map(e=>{let t=this.opened[e.id]??n;return l`<li>
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
        ${typeof t==`number`?l`<p class="muted-text">${this.t(`rooms.load`,{share:this.texts.percent(t)})}</p>`:l`<span></span>`}
        ${this.admin?this.add():u}
      </div>`}};x([g()],Vt.prototype,`figures`,void 0),x([g()],Vt.prototype,`scores`,void 0),x([g()],Vt.prototype,`opened`,void 0),n(`voice-privacy-microphones`,Vt);var Ht=v` :host { display: grid; gap: 24px; } #log, #review, #options { scroll-margin-top: calc(var(--vp-header-height, 112px) + 16px); } #log h2 { font-size: 20px; font-weight: 500; margin-bottom: 4px; } #log .muted-text { margin-bottom: 4px; } voice-privacy-log { margin-top: 12px; } summary { display: flex; align-items: center; gap: 16px; min-height: 64px; padding: 12px 20px; cursor: pointer; list-style: none; border-radius: var(--vp-radius); } summary::-webkit-details-marker { display: none; } summary::after { content: ""; width: 8px; height: 8px; margin-inline-start: auto; flex: none; border: solid var(--secondary-text-color); border-width: 0 2px 2px 0; transform: rotate(45deg); } details[open] > summary::after { transform: rotate(-135deg); } summary > .icon { width: 24px; height: 24px; color: var(--secondary-text-color); } summary h2 { font-size: 17px; font-weight: 500; } summary small { font-size: 13px; color: var(--secondary-text-color); } details > :not(summary) { margin: 0 20px 20px; } `;function Ut(e,{house:t,permissions:n}){return`${n.admin||!t.size?``:`≤ `}${e.size(t.size)}`}function Wt(e,{house:t,permissions:n}){let r=t.retention.storage_limit*1e6;if(!r||!n.admin)return u;let i=Math.min(1,t.size/r),a=e.get(`consent.of_limit`,{share:e.percent(i),limit:e.size(r)});return l`<p class="quota muted-text">
    <span class="bar" aria-hidden="true"><i style="width:${i*100}%"></i></span>${a}
  </p>`}var Gt=[`save_recordings`,`save_transcripts`,`save_near_misses`,`help_improve`];function Kt({toggles:e},t){return e[t]?.on??!1}var qt=class extends ft{static{this.styles=[C,L]}render(){let{house:e,satellites:t,permissions:n,may:r}=this.state;return l`
      ${e.settings_lost?l`<div class="note warn wide" role="alert">
              ${b(S.alert)}<span>${this.t(`consent.settings_lost`)}</span>
            </div>`:``}
      <section class="card">
        <h2>${this.t(`consent.house`)}</h2>
        ${this.toggle(`guest_mode`,e.toggles.guest_mode,r.guest_mode)}
        ${this.toggle(`deletion_by_voice`,e.toggles.deletion_by_voice,n.admin)}
        ${this.toggle(`household_may_listen`,e.toggles.household_may_listen,n.admin)}
        ${this.toggle(`help_improve`,e.toggles.help_improve,n.admin)}
        ${n.admin?``:l`<p class="note">${b(S.lock)}<span>${this.t(`consent.owner_only`)}</span></p>`}
      </section>
      <div class="stack">${this.retention()} ${this.kept()}</div>
      ${t.length?this.rooms(t):``}
    `}kept(){let{house:e,permissions:t}=this.state;return l`<section class="card">
      <h2>${this.t(`consent.kept`)}</h2>
      <div class="figures">
        <span><b>${this.texts.number(e.recordings)}</b>${this.texts.noun(`recordings`,e.recordings)}</span>
        <span
          ><b><bdi>${Ut(this.texts,this.state)}</bdi></b
          >${this.t(`consent.on_disk`)}</span
        >
        <span><b>${this.texts.number(e.false_wakes)}</b>${this.texts.noun(`false_wakes`,e.false_wakes)}</span>
      </div>
      ${Wt(this.texts,this.state)}
      <p class="muted-text">${this.t(`consent.sealed`)}</p>
      ${t.admin&&e.recordings?l`<div class="row">
              <button class="button danger-quiet" id="delete-everything" @click=${this.everything}>
                ${b(S.deleted)}${this.t(`manage.all`)}
              </button>
            </div>`:``}
    </section>`}everything(){this.emit(`vp-delete`,{title:this.t(`delete.title_all`),request:{scope:`all`},typed:!0})}rooms(e){return l`<section class="card wide rooms">
      <h2 id="rooms-title">${this.t(`consent.rooms`)}</h2>
      <dl class="muted-text">
        ${Gt.map(e=>l`<dt>${this.t(`consent.${e}`)}</dt>
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
            ${Gt.map(e=>l`<th scope="col" id="column-${e}">${this.t(`consent.${e}`)}</th>`)}
            <th scope="col" id="column-keep">${this.t(`retention.keep_recordings`)}</th>
          </tr>
        </thead>
        <tbody>
          ${e.length>1?this.everyRoom(e):``}
          ${e.map(e=>this.room(e))}
        </tbody>
      </table>
    </section>`}everyRoom(e){return l`<tr class="all">
      <th scope="row" id="all-rooms">${this.t(`consent.all_rooms`)}</th>
      ${Gt.map(t=>{let n=e.filter(e=>t!==`save_near_misses`||dt(e)),r=n.map(({id:e})=>e),i=n.filter(e=>Kt(e,t)).length,a=this.t(`review.of`,{count:this.texts.number(i),all:this.texts.number(r.length)});return l`<td>
          <span class="label" aria-hidden="true">${this.t(`consent.${t}`)}</span>
          <span class="pair"
            >${this.switch(t,i>0&&i===r.length,this.admin&&i+r.length>0,`all`,r,`all-rooms column-${t}`)}<small
              >${a}</small
            ></span
          >
        </td>`})}
      <td></td>
    </tr>`}room(e){let{id:t,name:n,keep_recordings:r}=e,i=`keep_recordings-${t}`;return l`<tr>
        <th scope="row" id="room-${t}"><bdi>${n}</bdi></th>
        ${Gt.map(n=>l`<td>
              <span class="label" aria-hidden="true">${this.t(`consent.${n}`)}</span>
              ${n===`save_near_misses`&&!dt(e)?l`<span id="${n}-${t}-about"
                      ><span aria-hidden="true">–</span
                      ><span class="sr">${this.t(`consent.save_near_misses_unavailable`)}</span></span
                    >`:this.switch(n,Kt(e,n),this.admin,t,[t],`room-${t} column-${n}`)}
            </td>`)}
        <td>
          <span class="label" aria-hidden="true">${this.t(`retention.keep_recordings`)}</span>
          ${this.periods(`keep_recordings`,ee,r,e,`room-${t} column-keep`)}
        </td>
      </tr>
      ${this.pending?.key===i?l`<tr>
              <td colspan="6">${this.questionOf(i)}</td>
            </tr>`:``}`}retention(){let{retention:e}=this.house,{keep_recordings:t,keep_false_wakes:n,keep_transcripts:r,storage_limit:i,changed:o}=e;return l`<section class="card">
      <h2>${this.t(`retention.title`)}</h2>
      ${this.keep(`keep_recordings`,p,t,o.keep_recordings)}
      ${this.keep(`keep_false_wakes`,f,n,o.keep_false_wakes)}
      ${this.keep(`keep_transcripts`,a,r,o.keep_transcripts)}
      ${this.setting(`storage_limit`,this.t(`retention.storage_limit`),this.t(`retention.storage_limit_detail`),o.storage_limit,l`<input
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
      <p class="note">${b(S.clock)}<span>${this.t(`retention.how`)}</span></p>
    </section>`}};n(`voice-privacy-consent`,qt);var Jt=v` ${lt} h2 { font-size: 17px; font-weight: 500; margin-bottom: 8px; } ul { list-style: none; margin: 0 0 12px; padding: 0; } li { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 14px; min-height: 56px; padding: 8px 0; } li + li { border-top: 1px solid var(--vp-line); } li > span:not(.badge, .count) { flex: 1 1 140px; min-width: 0; overflow-wrap: anywhere; } b { display: block; font-weight: 500; } small { color: var(--secondary-text-color); font-size: 13px; } .said li { min-height: 44px; font-size: 15px; } .said li::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: var(--vp-accent); } `,Yt={guest_mode:`household.guest_mode`,saving_off:`household.saving_off`,level:`state.keeps_level`,memory:`state.keeps_memory`,unprotected:`household.unprotected`},Xt=class extends h{static{this.styles=[C,Jt]}render(){let{satellites:e,house:t}=this.state;if(E(this.state))return gt(this.texts);let n=t.toggles.household_may_listen.on;return l`<section class="card" aria-labelledby="kept-title">
        <h2 id="kept-title">${this.t(T(this.state)?`household.kept`:`household.kept_yours`)}</h2>
        <ul>
          ${e.map(e=>{let n=w(e)?ce(t.toggles,e):`unprotected`;return l`<li data-id=${e.id}>
              ${y(e)}
              <span
                ><b><bdi>${e.name}</bdi></b
                ><small>${n===`recordings`?this.period(e):this.t(Yt[n])}</small></span
              >
              <span class="count">${this.texts.count(`recordings`,e.recordings)}</span>
            </li>`})}
        </ul>
        <p class="note">
          ${b(n?S.listened:S.lock)}<span
            >${this.t(n?`household.all_listen`:`household.owners_listen`)}
            ${this.state.permissions.control.length?this.t(`household.log_below`):u}</span
          >
        </p>
      </section>
      <section class="card" aria-labelledby="say-title">
        <h2 id="say-title">${this.t(`household.say`)}</h2>
        ${t.toggles.deletion_by_voice.on?l`<ul class="said">
                <li>${this.t(`household.say_last`)}</li>
                <li>${this.t(`household.say_today`)}</li>
                <li>${this.t(`household.say_mute`)}</li>
                <li>${this.t(`household.say_guests`)}</li>
                ${e.some(e=>ce(t.toggles,e)===`memory`)?l`<li>${this.t(`household.say_keep`)}</li>`:u}
              </ul>`:l`<ul class="said">
                  <li>${this.t(`household.say_mute`)}</li>
                  <li>${this.t(`household.say_guests`)}</li>
                </ul>
                <p class="muted-text">${this.t(`household.say_off`)}</p>`}
      </section>`}period(e){let t=ze(this.house,e);return t===`retention.until_deleted`?this.t(`household.until_deleted`):this.t(`household.kept_for`,{period:this.t(t)})}};n(`voice-privacy-household`,Xt);var Zt=v` :host { container-type: inline-size; } .filters { display: flex; flex-wrap: wrap; gap: 8px; margin-bottom: 16px; } @media (pointer: fine) { .filters .button { min-height: 36px; } } .filters .button[aria-pressed="true"] { background: var(--vp-tint); border-color: var(--vp-accent); } h2 { font-size: 15px; font-weight: 500; padding: 16px 4px 8px; } ul { list-style: none; margin: 0; padding: 4px 0; } li { display: grid; grid-template-columns: 40px minmax(0, 1fr) auto; gap: 0 14px; align-items: center; padding: 10px 16px; overflow-wrap: anywhere; } @container (max-width: 519px) { li { grid-template-columns: 40px minmax(0, 1fr); } .disc { grid-row: span 2; } time { font-size: 13px; } } li + li { border-top: 1px solid var(--vp-line); } .disc { width: 40px; height: 40px; border-radius: 12px; display: grid; place-items: center; background: color-mix(in srgb, var(--primary-text-color) 7%, transparent); } .disc.deleted { color: var(--vp-danger-text); } .disc.changed { color: var(--vp-warn-text); } .who { font-weight: 500; } .more { display: flex; justify-content: center; padding: 16px; } `,Qt=1e4,$t={changed:S.toggle,deleted:S.deleted,exported:S.archive,kept:S.check,listed:S.listed,listened:S.listened,microphone_opened:S.microphone,microphone_tested:S.microphone,reviewed:S.reviewed,taken_out:S.takenOut,wake_word_tested:S.microphone},B=class extends h{constructor(...e){super(...e),this.more=!1,this.deed=null,this.whole=!1}static{this.styles=[C,Zt]}connectedCallback(){super.connectedCallback(),this.load(0),this.polling=setInterval(()=>void this.refresh(),Qt)}disconnectedCallback(){super.disconnectedCallback(),clearInterval(this.polling)}stateChanged(){super.stateChanged(),this.admin!==this.whole&&(this.entries=void 0),this.refresh()}async refresh(){!document.hidden&&(this.entries?.length??0)<=100&&await this.load(0)}async load(e){let t=this.deed;this.whole=this.admin;let n=this.whole?`access_log`:`access_log/rooms`;if(this.readable)try{let r=await this.connection.call(n,{offset:e,deed:t});if(t!==this.deed)return;this.entries=[...e?this.entries??[]:[],...r.entries],this.more=r.more,this.failure=void 0}catch(e){this.failure=r(e)}}get readable(){return this.admin||this.state.permissions.control.length>0}choose(e){this.deed=e,this.entries=void 0,this.load(0)}render(){return this.readable?l`<div class="filters" role="group" aria-label=${this.t(`log.filter`)}>
        ${[null,...e].map(e=>l`<button class="button" aria-pressed=${this.deed===e} @click=${()=>this.choose(e)}>
              ${e?b($t[e]):``}${this.t(e?`log.filter_${e}`:`log.filter_all`)}
            </button>`)}
      </div>
      ${this.failure?l`<p class="note warn" role="alert">${b(S.alert)}${this.texts.error(this.failure.code)}</p>`:``}
      ${this.entries&&!this.entries.length?l`<div class="card empty">
              <span class="hero">${b(S.history)}</span>
              <h2>${this.t(`log.empty`)}</h2>
            </div>`:this.days().map(([e,t])=>l`<h2>${this.texts.day(e,this.house.today)}</h2>
                  <ul class="card">
                    ${t.map(e=>this.entry(e))}
                  </ul>`)}
      ${this.more?l`<div class="more">
              <button class="button" @click=${()=>void this.load(this.entries.length)}>${this.t(`log.more`)}</button>
            </div>`:``}`:l`<div class="card empty">
        <span class="hero">${b(S.lock)}</span>
        <h2>${this.t(`log.owner_only`)}</h2>
        <p>${this.t(`log.owner_only_detail`)}</p>
      </div>`}days(){let e=new Map;for(let t of this.entries??[]){let n=this.texts.isoDay(t.until),r=e.get(n);r?r.push(t):e.set(n,[t])}return[...e]}entry(e){let t=e.by===`voice`&&e.satellite_id?this.satellite(e.satellite_id):``,n=e.user??this.t(t?`who.voice_in`:`who.${e.by}`,{room:t}),[r,i]=[this.texts.time(e.when),this.texts.time(e.until)];return l`<li>
      <span class="disc ${e.deed}">${b($t[e.deed])}</span>
      <span
        ><span class="who"><bdi>${n}</bdi></span>
        <span>${this.what(e)}</span>
        ${e.times>1?l`<span class="muted-text">· <bdi>× ${this.texts.number(e.times)}</bdi></span>`:``}</span
      >
      <time class="muted-text" datetime=${e.until}>${r===i?i:l`${r} – ${i}`}</time>
    </li>`}satellite(e){return this.connection.nameOf(e)??this.t(`common.removed_satellite`)}what(e){let t=this.texts.count(`recordings`,e.count);return e.deed===`changed`?en(this.texts,this.connection,e):[`microphone_opened`,`microphone_tested`,`wake_word_tested`].includes(e.deed)?this.t(`log.${e.deed}`,{satellite:this.satellite(e.subject??``)}):e.deed===`listed`&&e.subject===`search`?this.t(`log.searched`,{recordings:t}):e.deed===`reviewed`&&e.subject===`feedback`?this.t(`log.feedback`,{recordings:t}):e.deed===`deleted`&&e.subject===`transcripts`?this.t(`log.forgot`,{recordings:t}):e.deed===`deleted`&&e.subject&&e.by!==`retention`?this.t(`log.deleted`,{recordings:t,scope:this.t(`scope.${e.subject}`)}):this.t(e.deed===`deleted`?`log.went`:`log.${e.deed}`,{recordings:t})}};x([g()],B.prototype,`entries`,void 0),x([g()],B.prototype,`more`,void 0),x([g()],B.prototype,`deed`,void 0),x([g()],B.prototype,`failure`,void 0);function en(e,t,{subject:n,value:r}){let[i,a]=(n??``).split(`.`),o=a??i,s=e.get(`toggle.${o}`)||(n??``),c=a?t.nameOf(i)??e.get(`common.removed_satellite`):``,l=c?`${s} (${c})`:s;if(r===`on`||r===`off`)return o===`muted`?e.get(r===`on`?`log.muted`:`log.unmuted`,{satellite:c}):e.get(r===`on`?`log.turned_on`:`log.turned_off`,{toggle:l});if(o===`storage_limit`&&r===`0`)return e.get(`log.no_storage_limit`);let u=o===`threshold`?e.percent(Number(r)):o.endsWith(`_level`)&&e.get(`state.level_${r}`)||e.get(r===`as_others`&&!a?`retention.as_recordings`:`retention.${r}`)||(r??``);return e.get(`log.changed`,{toggle:l,value:u})}n(`voice-privacy-log`,B);var tn=[`offer_wake_word`,`check_level`,`ignore_made_up_text`,`members_may_open_microphone`],V=class extends h{constructor(...e){super(...e),this.changes={},this.errors={},this.saving=!1,this.words={}}static{this.styles=[C,L]}connectedCallback(){super.connectedCallback(),this.load()}async load(){await this.attempt(async()=>{this.words=await this.connection.words(`options`,this.texts.language),this.answer=await this.connection.call(`options/get`)})}word(e){return this.words[`component.voice_privacy.options.${e}`]??e}get options(){return{...this.answer.options,...this.changes}}change(e){let t=this.answer.options,n=Object.entries({...this.changes,...e});this.changes=Object.fromEntries(n.filter(([e,n])=>String(n)!==String(t[e])))}choose(e,t){let n=this.options.pipelines.filter(t=>t!==e);this.change({pipelines:t?[...n,e]:n})}async save(){let{changes:e}=this;this.saving=!0,await this.attempt(async()=>{let t=await this.connection.call(`options/set`,e);if(this.errors=t.errors,Object.keys(t.errors).length)return this.showError();this.answer={...this.answer,options:{...this.answer.options,...e}},this.changes={},this.notify(this.t(`retention.chosen`))}),this.saving=!1}async showError(){await this.updateComplete;let e=this.renderRoot.querySelector(`[aria-invalid=true]`);e?.focus({preventScroll:!0}),(e??this.renderRoot.querySelector(`[role=alert]`))?.scrollIntoView({block:`center`})}undo(){this.changes={},this.errors={}}render(){return this.answer?l`<section class="card wide" aria-labelledby="options-title">
      <h2 id="options-title">${this.t(`privacy.options`)}</h2>
      ${this.pipelines(this.answer)} ${tn.map(e=>this.flag(e))} ${this.keyFolder()}
      ${this.errors.base?l`<p class="note warn" role="alert">${b(S.alert)}${this.word(`error.${this.errors.base}`)}</p>`:u}
      ${Object.keys(this.changes).length?l`<div class="row unsaved">
              <strong role="status">${this.t(`privacy.unsaved`)}</strong>
              <button class="button" @click=${this.undo}>${this.t(`common.cancel`)}</button>
              <button
                class="button primary"
                id="save-options"
                ?disabled=${this.saving}
                @click=${()=>void this.save()}
              >
                ${this.t(`review.save`)}
              </button>
            </div>`:u}
    </section>`:u}pipelines({pipelines:e}){return l`<fieldset class="toggle">
      <legend><strong>${this.word(`step.init.data.pipelines`)}</strong></legend>
      <p class="muted-text">${this.word(`step.init.data_description.pipelines`)}</p>
      ${e.length?e.map(({id:e,name:t})=>l`<label class="choice"
                  ><input
                    type="checkbox"
                    class="box"
                    data-pipeline=${e}
                    .checked=${this.options.pipelines.includes(e)}
                    @change=${t=>this.choose(e,t.target.checked)}
                  /><bdi>${t}</bdi></label
                >`):l`<p class="note warn">${b(S.alert)}${this.t(`first.no_speech_to_text`)}</p>`}
    </fieldset>`}flag(e){return l`<div class="toggle">
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
    </div>`}keyFolder(){let e=this.errors.key_dir;return l`<div class="toggle">
      ${this.label(`key_dir`)}
      <input
        class="field folder"
        id="option-key_dir"
        dir="ltr"
        aria-labelledby="option-key_dir-name"
        aria-describedby="option-key_dir-about${e?` option-key_dir-error`:``}"
        aria-invalid=${e?`true`:`false`}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        .value=${this.options.key_dir}
        @input=${e=>this.change({key_dir:e.target.value.trim()})}
      />
      ${e?l`<p class="note warn wide" id="option-key_dir-error" role="alert">
              ${b(S.alert)}<span>${this.word(`error.${e}`)}</span>
            </p>`:u}
    </div>`}label(e){let t=`option-${e}`;return l`<label for=${t}
      ><strong id="${t}-name">${this.word(`step.init.data.${e}`)}</strong>
      <span id="${t}-about" class="muted-text">${this.word(`step.init.data_description.${e}`)}</span></label
    >`}};x([g()],V.prototype,`answer`,void 0),x([g()],V.prototype,`changes`,void 0),x([g()],V.prototype,`errors`,void 0),x([g()],V.prototype,`saving`,void 0),x([g()],V.prototype,`words`,void 0),n(`voice-privacy-options`,V);var H=class extends h{constructor(...e){super(...e),this.result=null,this.running=!1,this.findings=[],this.searching=!1,this.flow={}}static{this.styles=[C,Ht,v` ul { padding-inline-start: 20px; } #elsewhere ul { padding: 0; } li.row { min-height: 48px; } .row { display: flex; align-items: center; flex-wrap: wrap; gap: 8px 16px; } `]}connectedCallback(){super.connectedCallback(),this.ask(`self_test/get`),this.readLedger(),this.attempt(async()=>{this.flow=await this.connection.call(`data_flow/get`)})}async ask(e){await this.attempt(async()=>{this.result=(await this.connection.call(e)).result})}async run(){this.running=!0,await this.ask(`self_test/run`),this.running=!1}async readLedger(){await this.attempt(async()=>{this.ledger=await this.connection.call(`ledger/get`)})}async export(){await this.attempt(async()=>{let{ledger:e}=await this.connection.call(`ledger/export`);F(new Blob([e],{type:`text/plain`}),`voice-privacy-ledger-${this.house.today}.txt`)})}async turnLedger(e){await this.turn(e,e=>this.connection.call(`ledger/set`,{on:e})),await this.readLedger()}async search(e){this.searching=!0,await this.attempt(async()=>{let{findings:t}=await(e?this.connection.call(`elsewhere/remove`,{place:e}):this.connection.call(`elsewhere/search`));this.findings=e?this.findings.map(e=>t.find(t=>t.place===e.place)??e):t}),this.searching=!1}render(){return l`${this.selfTest()}${this.ledger?this.ledgerPart(this.ledger):u}${this.elsewhere()}${this.dataFlow()}`}ledgerPart({on:e,entries:t,waiting:n}){return l`<details class="card" id="ledger">
      <summary>
        ${b(S.listed)}<span
          ><h2>${this.t(`proof.ledger`)}</h2>
          ${n?l`<small>${this.t(`proof.ledger_waiting`,{waiting:this.texts.number(n)})}</small>`:e?u:l`<small>${this.t(`proof.ledger_off`)}</small>`}</span
        >
      </summary>
      <p class="muted-text">${this.t(`proof.ledger_about`)}</p>
      <p class="row">
        <input
          type="checkbox"
          role="switch"
          aria-label=${this.t(`proof.ledger`)}
          .checked=${e}
          @change=${e=>void this.turnLedger(e)}
        />
        <button class="button" ?disabled=${!e} @click=${()=>void this.export()}>
          ${b(S.archive)}${this.t(`proof.ledger_export`)}
        </button>
        <span>${this.t(`proof.ledger_state`,{entries:this.texts.number(t)})}</span>
      </p>
    </details>`}elsewhere(){return l`<details class="card" id="elsewhere">
      <summary>
        ${b(S.search)}
        <h2>${this.t(`proof.elsewhere`)}</h2>
      </summary>
      <p class="muted-text">${this.t(`proof.elsewhere_about`)}</p>
      <ul>
        ${this.findings.map(({place:e,count:t,names:n,removable:r})=>l`<li class="row">
              <span
                ><bdi id=${e}>${this.t(`proof.place_${e}`)}</bdi>:
                <strong>${t===null?this.t(`proof.elsewhere_unknown`):this.texts.number(t)}</strong></span
              >
              ${n.length?l`<small class="muted-text">${this.texts.list(n)}</small>`:u}
              ${r?l`<button
                      class="button"
                      aria-describedby=${e}
                      ?disabled=${this.searching}
                      @click=${()=>void this.search(e)}
                    >
                      ${this.t(`proof.elsewhere_remove`)}
                    </button>`:u}
            </li>`)}
      </ul>
      <button class="button" id="search" ?disabled=${this.searching} @click=${()=>void this.search()}>
        ${this.t(`proof.elsewhere_search`)}
      </button>
    </details>`}dataFlow(){return l`<details class="card" id="data-flow">
      <summary>
        ${b(S.upload)}
        <h2>${this.t(`proof.data_flow`)}</h2>
      </summary>
      <ul>
        ${this.flow.satellites?.map(({name:e,link:t})=>l`<li><bdi>${e}</bdi>: <strong>${this.t(`proof.link_${t}`)}</strong></li>`)}
        ${this.flow.pipelines?.map(({name:e,stages:t,wider:n})=>l`<li>
              <bdi>${e}</bdi>
              <ul>
                ${Object.entries(t).map(([e,t])=>l`<li>
                      ${n.includes(e)?b(S.alert):u}${this.t(`proof.stage_${e}`)}:
                      <strong>${this.t(`proof.reach_${t}`)}</strong>
                    </li>`)}
              </ul>
            </li>`)}
      </ul>
    </details>`}selfTest(){let{result:e}=this,t=e&&(e.passed===null?`unknown`:e.passed?`passed`:`failed`);return l`<details class="card" id="self-test">
      <summary>
        ${b(t===`passed`?S.done:t?S.shieldAlert:S.shield)}<span
          ><h2>${this.t(`proof.self_test`)}</h2>
          <small role="status"
            >${this.running?this.t(`proof.running`):e?this.t(`proof.${t}`,{when:this.texts.dateTime(e.when)}):this.t(`proof.never`)}</small
          ></span
        >
      </summary>
      <p class="muted-text">${this.t(`proof.about`)}</p>
      <ul>
        ${Object.entries(e?.checks??{}).map(([e,t])=>l`<li>${this.t(`proof.check_${e}`)}: <strong>${this.t(`proof.verdict_${t}`)}</strong></li>`)}
      </ul>
      <button class="button" ?disabled=${this.running} @click=${()=>void this.run()}>${this.t(`proof.run`)}</button>
    </details>`}};x([g()],H.prototype,`result`,void 0),x([g()],H.prototype,`running`,void 0),x([g()],H.prototype,`ledger`,void 0),x([g()],H.prototype,`findings`,void 0),x([g()],H.prototype,`searching`,void 0),x([g()],H.prototype,`flow`,void 0),n(`voice-privacy-proof`,H);var nn=class extends h{static{this.styles=[C,Pt]}render(){let{learning:e,wakes:t,wakes_needed:n,false_wakes:r,false_wakes_needed:i,learned:a,not_learnable:o}=this.answer;return l`<section class="card" id="learned">
      <h2>${this.t(`review.learned`)}</h2>
      <p class="muted-text">${this.t(`review.learned_detail`)}</p>
      <p class="note" role="status">
        <span
          >${this.t(e?`review.learning`:`review.labeled`,{wakes:this.texts.number(t),wakes_needed:this.texts.number(n),others:this.texts.number(r),others_needed:this.texts.number(i)})}</span
        >
      </p>
      ${o?.length?l`<p class="note" id="not-learnable">
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
    </section>`}word(e){return l`<table>
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
      </p>`}row(e,t,n,r){let i=e=>this.t(`review.of`,{count:this.texts.number(e),all:this.texts.number(r)});return l`<tr>
      <th scope="row">${this.t(e)}</th>
      <td>${i(t)}</td>
      <td>${i(n)}</td>
    </tr>`}};x([_({attribute:!1})],nn.prototype,`answer`,void 0),n(`voice-privacy-learned`,nn);function rn(e,t,n){return l`<section class="card">
    <h2>${e.get(`review.reviewers`)}</h2>
    <p class="muted-text">${e.get(`review.reviewers_detail`)}</p>
    ${t.length?l`<ul>
            ${t.map(e=>l`<li class="row">
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
          </ul>`:l`<p class="note">${e.get(`review.no_users`)}</p>`}
  </section>`}var an=[`meant_for_us`,`false_wake`,`cut_off`,`wrong_transcript`],U=class extends h{constructor(...e){super(...e),this.typed=``,this.known=[]}static{this.styles=[C,Pt]}connectedCallback(){super.connectedCallback(),this.player=new ye(this.connection,()=>this.requestUpdate(),e=>this.notify(this.texts.error(e.code)),`review`),this.known=this.basis,this.load()}disconnectedCallback(){super.disconnectedCallback(),this.player?.stop()}stateChanged(){super.stateChanged();let{basis:e}=this;e.every((e,t)=>e===this.known[t])||(this.known=e,this.load())}get basis(){let{review:e,toggles:t}=this.house;return[...e,t.verifier.on]}async load(){let e=[this.loadClips()];this.admin&&e.push(this.loadScores(),this.loadLearned(),this.loadUsers()),await this.attempt(()=>Promise.all(e))}async loadClips(){let e=this.admin?`review/pool`:`review/list`;this.clips=(await this.connection.call(e)).clips}async loadScores(){this.scores=await this.connection.call(`review/scores`)}async loadLearned(){this.learned=await this.connection.call(`review/learned`)}async loadUsers(){this.users=(await this.connection.call(`review/reviewers`)).users}async act(e){await this.attempt(async()=>{await e(),await this.load()})}play({review_id:e}){this.notify(``),this.player?.toggle(e)}label({review_id:e},t,n=null){return this.act(()=>this.connection.call(`review/label`,{review_id:e,label:t,correction:n}))}choose(e,t){this.label(e,t),this.open=t===`wrong_transcript`?e.review_id:void 0,this.transcript=void 0,this.typed=``,this.open&&this.loadTranscript(this.open)}onKey(e,t){let n=an[Number(e.key)-1],r=e.composedPath()[0].matches(`input, textarea`);!n||r||e.ctrlKey||e.metaKey||e.altKey||(e.preventDefault(),e.stopPropagation(),this.choose(t,n))}async loadTranscript(e){await this.attempt(async()=>{let t=await this.connection.call(`review/transcript`,{review_id:e});this.open===e&&(this.transcript=t.transcript)})}correct(e){this.label(e,`wrong_transcript`,this.typed),this.open=void 0}allow({review_id:e,allowed:t}){return this.act(()=>this.connection.call(`review/allow`,{review_id:e,allowed:!t}))}takeOut({review_id:e}){return this.act(async()=>{await this.connection.call(`review/take_out`,{review_ids:[e]}),this.notify(this.t(`review.taken_out`))})}async setReviewer({user_id:e},t){await this.turn(t,t=>this.connection.call(`review/set_reviewer`,{user_id:e,on:t})),await this.load()}render(){let{clips:e}=this;return l`${e?.length?l`<section class="card">
            <h2>${this.t(`review.title`)}</h2>
            <p class="muted-text">${this.t(`review.about`)}${this.admin?u:` ${this.t(`review.released`)}`}</p>
            <ul>
              ${e.map(e=>this.clip(e))}
            </ul>
          </section>`:e?this.empty():u}
    ${this.admin?this.owner():u}`}empty(){let{house:e,satellites:t}=this.state,n=e.toggles.help_improve.on&&t.some(e=>e.toggles.help_improve.on);return l`<div class="card empty">
      <span class="hero">${b(S.reviewed)}</span>
      <h2>${this.t(n?`review.none`:`review.none_off`)}</h2>
      <p>${this.t(n?this.admin?`review.none_detail`:`review.released`:`review.none_off_detail`)}</p>
    </div>`}clip(e){let t=e.review_id.slice(0,6),n=this.player?.id===e.review_id&&this.player.state===`playing`;return l`<li data-id=${e.review_id} @keydown=${t=>this.onKey(t,e)}>
      <div class="row">
        <button
          class="button"
          aria-label=${this.t(n?`review.pause`:`review.play`,{id:t})}
          @click=${()=>this.play(e)}
        >
          ${b(n?S.pause:S.play)}
        </button>
        <span class="grow"
          ><bdi class="id ${e.recording_id?`sr`:``}">${t}</bdi>
          ${e.recording_id?l`<span class="muted-text">${this.whose(e)}</span>`:u}</span
        >
        ${this.admin?l`<button class="button" @click=${()=>void this.takeOut(e)}>
                ${b(S.takenOut)}${this.t(`review.take_out`)}<span class="sr"> ${t}</span>
              </button>`:u}
      </div>
      <div class="row" role="group" aria-label=${this.t(`review.labels`,{id:t})}>
        ${an.map((t,n)=>l`<button
              class="button"
              title=${n+1}
              aria-keyshortcuts=${n+1}
              data-label=${t}
              aria-pressed=${e.label===t}
              @click=${()=>this.choose(e,t)}
            >
              ${this.t(`review.${t}`)}
            </button>`)}
      </div>
      ${this.open===e.review_id?this.correction(e):u}
      ${e.findings?.length?this.findings(e):u}
    </li>`}whose(e){let t=this.connection.nameOf(e.satellite_id)??this.t(`common.removed_satellite`),n=e.started_at?`${this.texts.dateTime(e.started_at)} · `:``;return l`<bdi>${t}</bdi> ·
      ${n}${this.t(`recordings.kept_until`,{date:this.texts.until(e.expires_at)})}`}correction(e){let{transcript:t}=this;return l`<p class="note">
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
      </div>`}findings(e){let t=e.findings.map(e=>this.t(`review.finding_${e}`)).join(`, `);return l`<div class="note ${e.barred?`warn`:``}">
      ${b(S.lock)}
      <div>
        <p>${this.t(e.barred?`review.barred`:`review.allowed`,{what:t})}</p>
        <div class="row">
          <button class="button" data-allow aria-pressed=${!!e.allowed} @click=${()=>void this.allow(e)}>
            ${this.t(`review.allow`)}
          </button>
        </div>
      </div>
    </div>`}owner(){let{connection:e,learned:t,scores:n,texts:r}=this;return l`${t?l`<voice-privacy-learned
              .connection=${e}
              .texts=${r}
              .answer=${t}
            ></voice-privacy-learned>`:u}
      ${n?l`<voice-privacy-scores
              .connection=${e}
              .texts=${r}
              .answer=${n}
            ></voice-privacy-scores>`:u}
      ${rn(r,this.users??[],(e,t)=>void this.setReviewer(e,t))}
      <section class="card">
        <h2>${this.t(`review.limits`)}</h2>
        <p class="muted-text">${this.t(`review.limits_detail`)}</p>
      </section>`}};x([g()],U.prototype,`clips`,void 0),x([g()],U.prototype,`users`,void 0),x([g()],U.prototype,`learned`,void 0),x([g()],U.prototype,`scores`,void 0),x([g()],U.prototype,`open`,void 0),x([g()],U.prototype,`transcript`,void 0),n(`voice-privacy-review`,U);var on=class extends h{constructor(...e){super(...e),this.reviewing=!1}static{this.styles=[C,Ht]}connectedCallback(){super.connectedCallback(),this.reviewing=!this.admin}willUpdate(e){super.willUpdate(e),e.has(`place`)&&this.place===`review`&&(this.reviewing=!0)}updated(e){super.updated(e),e.has(`place`)&&this.place&&this.renderRoot.querySelector(`#${this.place}`)?.scrollIntoView()}render(){let{connection:e,texts:t}=this,{permissions:n}=this.state;return l`${this.admin?l`<voice-privacy-consent .connection=${e} .texts=${t}></voice-privacy-consent>
              <voice-privacy-options id="options" .connection=${e} .texts=${t}></voice-privacy-options>`:l`<voice-privacy-household .connection=${e} .texts=${t}></voice-privacy-household>`}
      ${n.review?this.review():u}
      ${this.admin?l`<voice-privacy-proof .connection=${e} .texts=${t}></voice-privacy-proof>`:u}
      <section id="log" aria-labelledby="log-title">
        <h2 id="log-title">${this.t(`privacy.log`)}</h2>
        ${!this.admin&&n.control.length?l`<p class="muted-text">${this.t(`privacy.rooms_log`)}</p>`:u}
        <voice-privacy-log .connection=${e} .texts=${t}></voice-privacy-log>
      </section>`}review(){let e=this.house.review[0];return l`<details
      class="card"
      id="review"
      .open=${this.reviewing}
      @toggle=${e=>this.reviewing=e.target.open}
    >
      <summary>
        ${b(S.reviewed)}<span
          ><h2>${this.t(`privacy.review`)}</h2>
          <small
            >${this.admin&&e?this.t(`privacy.review_waiting`,{clips:this.texts.number(e)}):this.t(`privacy.review_detail`)}</small
          ></span
        >
      </summary>
      ${this.reviewing?l`<voice-privacy-review .connection=${this.connection} .texts=${this.texts}></voice-privacy-review>`:u}
    </details>`}};x([_()],on.prototype,`place`,void 0),x([g()],on.prototype,`reviewing`,void 0),n(`voice-privacy-privacy`,on);var sn={ATTRIBUTE:1,CHILD:2,PROPERTY:3,BOOLEAN_ATTRIBUTE:4,EVENT:5,ELEMENT:6},cn=e=>(...t)=>({_$litDirective$:e,values:t}),ln=class{constructor(e){}get _$AU(){return this._$AM._$AU}_$AT(e,t,n){this._$Ct=e,this._$AM=t,this._$Ci=n}_$AS(e,t){return this.update(e,t)}update(e,t){return this.render(...t)}},{I:un}=ae,dn=e=>e,fn=()=>document.createComment(``),W=(e,t,n)=>{let r=e._$AA.parentNode,i=t===void 0?e._$AB:t._$AA;if(n===void 0)n=new un(r.insertBefore(fn(),i),r.insertBefore(fn(),i),e,e.options);else{let t=n._$AB.nextSibling,a=n._$AM,o=a!==e;if(o){let t;n._$AQ?.(e),n._$AM=e,n._$AP!==void 0&&(t=e._$AU)!==a._$AU&&n._$AP(t)}if(t!==i||o){let e=n._$AA;for(;e!==t;){let t=dn(e).nextSibling;dn(r).insertBefore(e,i),e=t}}}return n},G=(e,t,n=e)=>(e._$AI(t,n),e),pn={},mn=(e,t=pn)=>e._$AH=t,hn=e=>e._$AH,gn=e=>{e._$AR(),e._$AA.remove()},_n=(e,t,n)=>{let r=new Map;for(let i=t;i<=n;i++)r.set(e[i],i);return r},vn=cn(class extends ln{constructor(e){if(super(e),e.type!==sn.CHILD)throw Error(`repeat() can only be used in text expressions`)}dt(e,t,n){let r;n===void 0?n=t:t!==void 0&&(r=t);let i=[],a=[],o=0;for(let t of e)i[o]=r?r(t,o):o,a[o]=n(t,o),o++;return{values:a,keys:i}}render(e,t,n){return this.dt(e,t,n).values}update(e,[t,n,r]){let i=hn(e),{values:a,keys:o}=this.dt(t,n,r);if(!Array.isArray(i))return this.ut=o,a;let s=this.ut??=[],c=[],l,u,d=0,f=i.length-1,p=0,m=a.length-1;for(;d<=f&&p<=m;)if(i[d]===null)d++;else if(i[f]===null)f--;else if(s[d]===o[p])c[p]=G(i[d],a[p]),d++,p++;else if(s[f]===o[m])c[m]=G(i[f],a[m]),f--,m--;else if(s[d]===o[m])c[m]=G(i[d],a[m]),W(e,c[m+1],i[d]),d++,m--;else if(s[f]===o[p])c[p]=G(i[f],a[p]),W(e,i[d],i[f]),f--,p++;else if(l===void 0&&(l=_n(o,p,m),u=_n(s,d,f)),l.has(s[d])){if(l.has(s[f])){let t=u.get(o[p]),n=t===void 0?null:i[t];if(n===null){let t=W(e,i[d]);G(t,a[p]),c[p]=t}else c[p]=G(n,a[p]),W(e,i[d],n),i[t]=null;p++}else gn(i[f]),f--}else gn(i[d]),d++;for(;p<=m;){let t=W(e,c[m+1]);G(t,a[p]),c[p++]=t}for(;d<=f;){let e=i[d++];e!==null&&gn(e)}return this.ut=o,mn(e,c),ve}}),yn=v` .days { display: flex; flex-direction: row-reverse; align-items: stretch; gap: 2px; overflow-x: auto; scrollbar-width: thin; padding: 2px; } .day-column { flex: 1 0 22px; min-width: 22px; height: 56px; padding: 2px; flex-direction: column; justify-content: flex-end; gap: 2px; border-radius: 8px; background: none; } .day-column i { flex: 0 1 auto; width: 70%; max-width: 22px; min-height: 2px; border-radius: 3px; background: color-mix(in srgb, var(--vp-accent) 70%, transparent); } .day-column:disabled { opacity: 1; } .day-column:disabled i { background: color-mix(in srgb, var(--primary-text-color) 16%, transparent); } .day-column small { flex: none; font-size: 11px; line-height: 14px; color: var(--secondary-text-color); font-variant-numeric: tabular-nums; } .day-column:hover:not(:disabled) { background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); } .day-column[aria-pressed="true"] { background: var(--vp-tint); box-shadow: inset 0 0 0 1px var(--vp-accent); } @media (pointer: coarse) { .day-column { flex-basis: 48px; } } `,bn=v` :host { container: recordings / inline-size; } .columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 24px; align-items: start; } .main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 14px; min-width: 0; container: list / inline-size; } aside { display: none; gap: 16px; position: sticky; top: calc(var(--vp-header-height, 112px) + 16px); } .rail { padding: 18px; } .rail h2 { font-size: 13px; font-weight: 500; color: var(--secondary-text-color); margin-bottom: 10px; } .rail .big { font-size: 28px; line-height: 1.2; } .small { font-size: 12px; margin-top: 10px; } .mic-row { display: flex; align-items: center; gap: 12px; padding: 6px 0; } .mic-row b { font-weight: 500; display: block; } small { font-size: 12px; color: var(--secondary-text-color); display: block; } .strip { list-style: none; display: flex; gap: 8px; margin: 0; padding: 0; overflow-x: auto; scrollbar-width: thin; } .chip { display: flex; align-items: center; gap: 10px; flex: none; padding: 6px 16px 6px 6px; padding-inline: 6px 16px; border-radius: 26px; background: var(--vp-card); border: 1px solid var(--vp-line); line-height: 1.25; } .progress { display: grid; gap: 8px; padding: 0 4px; } .bar { height: 4px; border-radius: 2px; overflow: hidden; background: color-mix(in srgb, var(--primary-text-color) 12%, transparent); } .bar i { display: block; height: 100%; background: var(--vp-accent); transition: width 120ms; } .day { position: sticky; top: var(--vp-header-height, 112px); z-index: 1; display: flex; align-items: center; gap: 12px; min-height: 48px; padding: 4px 8px 4px 4px; padding-inline: 4px 8px; background: var(--primary-background-color); } .day h3 { font-size: 15px; font-weight: 500; } .when { flex: 1; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 12px; } .when span { font-size: 13px; } section + section { margin-top: 10px; } .rows { overflow: clip; } .day input.box.pick { margin-inline: 13px 4px; } @media (pointer: coarse) { .day input.box.pick { margin-inline: -3px -12px; } } .failed { align-items: center; } .failed span { flex: 1; } .last { text-align: center; padding: 20px; font-size: 13px; } .ghosts { display: grid; gap: 10px; margin-top: 10px; } .ghost { display: flex; gap: 16px; padding: 16px; opacity: 0.7; } .ghost i { width: 44px; height: 44px; border-radius: 50%; } .ghost span { flex: 1; display: grid; gap: 8px; align-content: center; } .ghost b { height: 14px; width: 55%; border-radius: 7px; } .ghost u { height: 10px; width: 30%; border-radius: 5px; } .ghost :is(i, b, u) { display: block; background: color-mix(in srgb, var(--primary-text-color) 10%, transparent); animation: wait 1.2s ease-in-out infinite alternate; } @keyframes wait { to { opacity: 0.4; } } .selection { position: sticky; bottom: 16px; z-index: 2; grid-column: 1; display: flex; align-items: center; gap: 8px; padding: 10px 12px 10px 20px; padding-inline: 20px 12px; border-radius: 30px; background: var(--vp-card); border: 1px solid var(--vp-line); box-shadow: 0 8px 28px rgba(0, 0, 0, 0.28); } .selection span { flex: 1; font-weight: 500; } .selection .button { white-space: nowrap; } @container recordings (max-width: 999px) { .selection { bottom: calc(12px + env(safe-area-inset-bottom)); flex-wrap: wrap; border-radius: 20px; padding: 12px 16px; } .selection span { flex: 1 0 100%; } .selection .button { flex: 1; } } @container recordings (max-width: 559px) { .selection { display: grid; grid-template-columns: 1fr 1fr; } .selection span { grid-column: 1 / -1; } .selection .button { padding-inline: 8px; white-space: normal; } } @container recordings (min-width: 800px) { .columns { grid-template-columns: minmax(0, 1fr) 280px; } aside { display: grid; } .strip { display: none; } } `,xn=v` .row { --pick: 18px; --play: 44px; position: relative; display: grid; grid-template-columns: var(--play) minmax(0, 1fr) auto; grid-template-areas: "play what what" "sound sound sound" "meta meta ends"; column-gap: 16px; row-gap: 6px; align-items: center; padding: 12px 4px 12px 12px; padding-inline: 12px 4px; transition: background 120ms; } .selecting .row { grid-template-columns: var(--pick) var(--play) minmax(0, 1fr) auto; grid-template-areas: "pick play what what" "sound sound sound sound" "meta meta meta ends"; } .row:hover { background: color-mix(in srgb, var(--primary-text-color) 3%, transparent); } .row.current { background: var(--vp-tint); } .rows > div > .row + .row, .rows > div + div > .row:first-child { border-top: 1px solid var(--vp-line); } .pick { grid-area: pick; display: none; } .selecting .pick { display: block; } .play { grid-area: play; } .row { cursor: pointer; } .what { grid-area: what; min-width: 0; } .said, .reply span { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; } .reply span { -webkit-line-clamp: 1; } mark { color: inherit; background: color-mix(in srgb, var(--vp-accent) 30%, transparent); border-radius: 3px; } @media (pointer: coarse) { .row .icon-button { width: 48px; height: 48px; } .row { --pick: 24px; --play: 48px; } .what { min-height: 48px; } } .said { text-align: -webkit-match-parent; text-align: match-parent; font-size: 16px; line-height: 1.35; overflow-wrap: anywhere; } .said.none { font-style: italic; font-size: 15px; color: var(--secondary-text-color); } .reply { display: flex; gap: 6px; color: var(--secondary-text-color); overflow-wrap: anywhere; } .reply .icon { width: 16px; height: 16px; margin-top: 2px; transform: scaleX(-1); } .sound { grid-area: sound; display: flex; align-items: center; gap: 12px; } .shape { position: relative; flex: 1; height: 36px; } .shape input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; } .shape:focus-within { outline: 2px solid var(--vp-accent); outline-offset: 4px; border-radius: 4px; } .length { font-size: 12px; color: var(--secondary-text-color); min-width: 34px; text-align: end; font-variant-numeric: tabular-nums; } .meta { grid-area: meta; display: flex; flex-wrap: wrap; align-items: center; overflow: clip; font-size: 13px; color: var(--secondary-text-color); } .meta > * { position: relative; inset-inline-start: -16px; } .meta > *::before { content: "·"; display: inline-block; width: 16px; text-align: center; font-weight: 400; color: var(--secondary-text-color); } .mark .icon { display: inline-block; width: 14px; height: 14px; margin-inline-end: 4px; vertical-align: -2px; } .false { color: color-mix(in srgb, var(--vp-warn-text) 85%, var(--primary-text-color)); font-weight: 500; } .ends { grid-area: ends; display: flex; opacity: 0.75; } .row:hover .ends, .row:focus-within .ends { opacity: 1; } .fresh { animation: arrive 1.8s ease-out; } @keyframes arrive { 0% { background: color-mix(in srgb, var(--vp-accent) 30%, transparent); } } .row .play, .row .pick { align-self: start; } .row input.box.pick { margin-top: 13px; } @media (pointer: coarse) { .selecting input.box.pick { appearance: none; position: relative; display: grid; place-items: center; flex: none; width: 48px; height: 48px; } .row input.box.pick { margin: 0 -12px; } .pick::before { content: ""; width: 16px; height: 16px; border: 2px solid var(--secondary-text-color); border-radius: 3px; } .pick:checked::before { border-color: var(--vp-accent); background: var(--vp-accent); } .pick:checked::after { content: ""; position: absolute; width: 5px; height: 10px; margin-top: -3px; border: solid #fff; border-width: 0 2px 2px 0; transform: rotate(45deg); } } .row .what, .row .sound { padding-inline-end: 8px; } @container list (min-width: 420px) { .row { grid-template-areas: "play what what" "play sound ends" "play meta ends"; } .selecting .row { grid-template-areas: "pick play what what" "pick play sound ends" "pick play meta ends"; } } @container list (min-width: 640px) { .row { grid-template-columns: var(--play) minmax(0, 1fr) minmax(140px, 24%) auto; grid-template-areas: "play what sound ends" "play meta sound ends"; row-gap: 2px; padding-inline: 16px 8px; } .selecting .row { grid-template-columns: var(--pick) var(--play) minmax(0, 1fr) minmax(140px, 24%) auto; grid-template-areas: "pick play what sound ends" "pick play meta sound ends"; } } `,Sn=1e3,Cn=class{constructor(e){this.host=e,this.counts={},e.addController(this)}hostDisconnected(){clearTimeout(this.timer)}soon(){clearTimeout(this.timer),this.timer=setTimeout(()=>void this.load(),Sn)}async load(){clearTimeout(this.timer);let{satellite_id:e=null,kind:t=null}=this.host.filter;try{let{days:n}=await this.host.connection.call(`recordings/days`,{satellite_id:e,kind:t});this.counts=n??{},this.host.requestUpdate()}catch{}}};function wn(e){let[t,n,r]=e.split(`-`).map(Number);return Array.from({length:28},(e,i)=>new Date(Date.UTC(t,n-1,r-i)).toISOString().slice(0,10))}function Tn(e){let t=e.currentTarget,n={ArrowLeft:-1,ArrowRight:-1,[getComputedStyle(t).direction===`rtl`?`ArrowRight`:`ArrowLeft`]:1}[e.key];if(!n)return;let r=[...t.querySelectorAll(`button:not(:disabled)`)],i=r[r.indexOf(e.target)+n];i&&(e.preventDefault(),i.focus())}function En(e,t,n,{first_day:r,last_day:i},a){let o=wn(t),s=o.find(e=>r===e&&i===e)??o.find(e=>n[e]),c=Math.max(1,...o.map(e=>n[e]??0));return l`<div class="days" role="group" aria-label=${e.get(`timeline.days`)} @keydown=${Tn}>
    ${o.map(o=>{let u=n[o]??0,d=r===o&&i===o,f=`${e.day(o,t)}: ${e.count(`recordings`,u)}`;return l`<button
        class="day-column"
        tabindex=${o===s?0:-1}
        aria-pressed=${d}
        aria-label=${f}
        title=${f}
        ?disabled=${!u&&!d}
        data-day=${o}
        @click=${()=>a(d?null:o)}
      >
        <i style="height:${u?Math.max(12,Math.round(100*u/c)):4}%"></i>
        <small aria-hidden="true"><bdi>${e.number(Number(o.slice(8)))}</bdi></small>
      </button>`})}
  </div>`}var Dn=v` :host { display: contents; } .card { padding: 16px 16px 8px; } h2 { font-size: 17px; font-weight: 500; } ul { list-style: none; margin: 0; padding: 0; } li { display: flex; align-items: center; gap: 8px; min-height: 56px; } li > span { flex: 1; min-width: 0; overflow-wrap: anywhere; } small { display: block; color: var(--secondary-text-color); } `,On=class extends h{constructor(...e){super(...e),this.said={}}static{this.styles=[C,Dn]}connectedCallback(){super.connectedCallback(),this.player=new ye(this.connection,()=>this.requestUpdate(),e=>this.notify(this.texts.error(e.code))),this.stateChanged()}disconnectedCallback(){super.disconnectedCallback(),this.player.stop()}stateChanged(){super.stateChanged(),this.held.some(({id:e})=>!(e in this.said))&&this.load(),this.player.id&&!this.held.some(({id:e})=>e===this.player.id)&&this.player.stop()}async load(){try{this.said=(await this.connection.call(`recordings/held`)).recordings??{}}catch{}}get held(){return this.state.held??[]}keep({id:e}){return this.attempt(async()=>{await this.connection.call(`recordings/keep`,{recording_id:e}),this.notify(this.t(`level.kept`))})}delete({id:e}){return this.attempt(()=>this.connection.call(`recordings/delete`,{scope:`ids`,recording_ids:[e]}))}render(){return this.held.length?l`<section class="card" aria-labelledby="held-title">
      <h2 id="held-title">${this.t(`level.held`)}</h2>
      <ul>
        ${this.held.map(e=>this.row(e))}
      </ul>
    </section>`:u}row(e){let{id:t,satellite_id:n,started_at:r,until:i,may_keep:a,kind:o}=e,s=this.connection.nameOf(n)??``,c={recording:`${this.texts.time(r)}, ${s}`},d=this.player.id===t&&this.player.state!==`paused`;return l`<li data-id=${t}>
      <button
        class="icon-button"
        aria-label=${this.t(d?`recordings.pause`:`recordings.play`,c)}
        @click=${()=>void this.player.toggle(t)}
      >
        ${b(d?S.pause:S.play)}
      </button>
      <span
        ><bdi>${c.recording}</bdi>
        <div dir="auto">${this.said[t]?.transcript}</div>
        <small
          >${this.t(`level.held_until`,{time:this.texts.time(i)})}${o===`false_wake`?l` · ${this.t(`recordings.nothing_said`)}`:u}</small
        ></span
      >
      ${a?l`<button class="button keep" @click=${()=>void this.keep(e)}>${this.t(`level.keep`)}</button>`:u}
      ${this.state.may.delete_selected.includes(n)?l`<button
              class="icon-button delete"
              aria-label=${this.t(`recordings.delete`,c)}
              @click=${()=>void this.delete(e)}
            >
              ${b(S.deleted)}
            </button>`:u}
    </li>`}};x([g()],On.prototype,`said`,void 0),n(`voice-privacy-held`,On);var kn=v` @media (min-width: 601px) { dialog { width: min(560px, calc(100vw - 32px)); } } .head { display: flex; align-items: center; margin: -8px -8px -8px 0; margin-inline: 0 -8px; } .head p { flex: 1; min-width: 0; } .head .icon-button { width: 48px; height: 48px; } .dialog h2 { font-size: 22px; overflow-wrap: anywhere; } h2.none { font-style: italic; color: var(--secondary-text-color); } h3 { font-size: 14px; font-weight: 500; margin-bottom: 4px; } .reply { display: flex; gap: 8px; color: var(--secondary-text-color); overflow-wrap: anywhere; } .reply .icon { transform: scaleX(-1); } .sound { display: grid; grid-template-columns: 48px minmax(0, 1fr); gap: 4px 16px; align-items: center; padding: 12px 16px; border-radius: 16px; background: color-mix(in srgb, var(--primary-text-color) 5%, transparent); } .sound .play { width: 48px; height: 48px; } .shape { position: relative; height: 88px; } .shape input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; } .shape:focus-within { outline: 2px solid var(--vp-accent); outline-offset: 2px; border-radius: 4px; } .sound .note { grid-column: 1 / -1; } .elapsed { grid-column: 2; font-size: 13px; font-variant-numeric: tabular-nums; color: var(--secondary-text-color); } .score { position: relative; height: 12px; margin-top: 8px; border-radius: 6px; background: color-mix(in srgb, var(--primary-text-color) 12%, transparent); } .score i { display: block; height: 100%; border-radius: 6px; background: var(--vp-accent); } .score u { position: absolute; top: -4px; bottom: -4px; width: 2px; background: var(--primary-text-color); } .curve { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 8px; margin: 12px 0 0; font-size: 12px; font-variant-numeric: tabular-nums; color: var(--secondary-text-color); } .curve svg { display: block; width: 100%; height: 72px; overflow: visible; border-bottom: 1px solid var(--divider-color); } .curve path { fill: none; vector-effect: non-scaling-stroke; } .curve .area { fill: color-mix(in srgb, var(--vp-accent) 16%, transparent); } .curve .line { stroke: var(--vp-accent); stroke-width: 2; stroke-linejoin: round; } .curve .limit { stroke: var(--primary-text-color); stroke-dasharray: 4 4; } .curve figcaption { display: flex; padding-top: 4px; justify-content: space-between; } .curve .at { position: relative; min-width: 4ch; } .curve .at bdi { position: absolute; line-height: 0; } .receipt .message, .receipt .code, .receipt a { display: block; font-weight: 400; overflow-wrap: anywhere; } .receipt a { padding: 4px 0; color: inherit; } .receipt .code { font-family: var(--code-font-family, monospace); font-size: 12px; color: var(--secondary-text-color); } .labels { display: flex; flex-wrap: wrap; gap: 8px; margin: 4px 0 8px; } .labels .button { min-height: 48px; border-radius: 24px; } .labels .button[aria-pressed="true"] { background: var(--vp-tint); border-color: var(--vp-accent); } .correction { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 4px 8px; margin-bottom: 8px; } .correction label { grid-column: 1 / -1; font-size: 13px; color: var(--secondary-text-color); } `,An=240,jn=64;function Mn(e){let t=An/Math.max(1,e.length-1),n=e=>(jn*(1-Math.min(1,Math.max(0,e)))).toFixed(1);return e.map((e,r)=>`${r?`L`:`M`}${(r*t).toFixed(1)} ${n(e)}`).join(``)}function Nn(e){let t=e.lastIndexOf(Math.max(...e));return[-t*s,(e.length-1-t)*s]}function Pn(e,t,n){let r=Mn(t),i=jn*(1-Math.min(1,n)),[a,o]=Nn(t).map(t=>e.seconds(t)),c=e.get(`timeline.curve`,{seconds:e.seconds((t.length-1)*s),first:e.percent(t[0]),highest:e.percent(Math.max(...t)),threshold:e.percent(n)});return l`<figure class="curve" dir="ltr">
    <svg viewBox="0 0 ${An} ${jn}" preserveAspectRatio="none" role="img" aria-label=${c}>
      ${ie`<path class="area" d="${r}V${jn}H0Z"></path>
        <path class="limit" d="M0 ${i}H${An}"></path>
        <path class="line" d=${r}></path>`}
    </svg>
    <span class="at" aria-hidden="true"
      ><bdi style="top:${100*(1-Math.min(1,n))}%">${e.percent(n)}</bdi></span
    >
    <figcaption aria-hidden="true"><bdi>${a}</bdi><bdi>${o}</bdi></figcaption>
  </figure>`}function Fn(e,t){let[n,r]=[e.toLowerCase(),t.toLowerCase()];if(!r||n.length!==e.length)return e;let i=[],a=0;for(let t=n.indexOf(r);t>=0;t=n.indexOf(r,a))i.push(e.slice(a,t),l`<mark>${e.slice(t,t+r.length)}</mark>`),a=t+r.length;return i.length?l`${i}${e.slice(a)}`:e}function In(e,t,n){return`${e.time(t.started_at)}, ${n}`}function Ln(e){return Math.floor(e*100+1e-6)/100}function Rn(e,{kind:t,score:n,threshold:r}){if(t===`false_wake`)return e.get(`recordings.nothing_said`);if(t!==`near_miss`)return e.get(`recordings.no_transcript`);let i=t=>e.percent(Ln(t??0)),a=(n??0)<(r??0)?`recordings.near_miss`:`recordings.near_miss_rejected`;return e.get(a,{score:i(n),threshold:i(r)})}var K=class extends o{constructor(...e){super(...e),this.name=``,this.reached=!1,this.selected=!1,this.mayDelete=!1,this.mayDownload=!1,this.progress=0,this.sought=``}createRenderRoot(){return this}t(e,t){return this.texts.get(e,t)}render(){let{recording:e,actions:t}=this,n=In(this.texts,e,this.name),r=this.playing===`playing`||this.playing===`loading`;return l`${this.mayDelete?l`<input
              type="checkbox"
              class="box pick"
              tabindex=${this.tabindex}
              aria-label=${this.t(`recordings.select_one`,{recording:n})}
              .checked=${this.selected}
              @click=${n=>t.select(e,n.target.checked,n.shiftKey)}
            />`:u}
      <button
        class="play ${this.playing?`active`:``}"
        tabindex=${this.tabindex}
        ?disabled=${!!e.error}
        aria-label=${this.t(r?`recordings.pause`:`recordings.play`,{recording:n})}
        @click=${()=>t.play(e)}
      >
        ${b(r?S.pause:S.play)}
      </button>
      <div class="what" role="button" tabindex="-1" aria-haspopup="dialog" title=${this.t(`timeline.details`)}>
        ${this.words()}
      </div>
      ${this.sound(n)}
      <div class="meta">
        <time datetime=${e.started_at}>${this.texts.time(e.started_at)}</time>
        <span><bdi>${this.name}</bdi></span>
        ${e.kind===`false_wake`?l`<span class="false">${this.t(`recordings.false_wake`)}</span>`:u}
        ${e.feedback?l`<span class="mark" title=${this.t(`timeline.feedback_mark`)}
                >${b(S.reviewed)}${this.t(`review.${e.feedback.label}`)}</span
              >`:u}
        ${this.startedBy()}
        ${e.deletes_at?l`<span>${this.t(`recordings.kept_until`,{date:this.texts.until(e.deletes_at)})}</span>`:u}
      </div>
      <div class="ends">
        ${this.mayDownload?l`<button
                class="icon-button"
                tabindex=${this.tabindex}
                ?disabled=${!!e.error}
                aria-label=${this.t(`recordings.download`,{recording:n})}
                title=${this.t(`recordings.download_short`)}
                @click=${()=>void t.download(e)}
              >
                ${b(S.archive)}
              </button>`:u}
        ${this.mayDelete?l`<button
                class="icon-button"
                tabindex=${this.tabindex}
                aria-label=${this.t(`recordings.delete`,{recording:n})}
                title=${this.t(`recordings.delete_short`)}
                @click=${()=>t.delete(e)}
              >
                ${b(S.deleted)}
              </button>`:u}
      </div>`}get tabindex(){return this.reached?0:-1}sound(e){let{recording:t,actions:n}=this,r=this.progress*100;return l`<div class="sound" dir="ltr">
      <div class="shape" style="--progress:${r}%;--played:${this.playing?`visible`:`hidden`}">
        ${he(t.peaks)}
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
    </div>`}startedBy(){let{started_by:e,wake_word:t,score:n}=this.recording;return e===`button`?l`<span>${this.t(`recordings.by_button`)}</span>`:e===`conversation`?l`<span>${this.t(`recordings.by_question`)}</span>`:t?l`<span title=${n==null?u:this.t(`timeline.score`)}
      ><bdi>${t}</bdi
      >${n==null?u:l` <bdi>${this.texts.percent(Ln(n))}</bdi>`}</span
    >`:u}words(){let{error:e,transcript:t,reply:n}=this.recording;return e?l`<p class="said none">${this.texts.error(e)}</p>`:l`${t?l`<p class="said" dir="auto">${Fn(t,this.sought)}</p>`:l`<p class="said none">${Rn(this.texts,this.recording)}</p>`}
    ${n?l`<p class="reply">${b(S.reply)}<span dir="auto">${Fn(n,this.sought)}</span></p>`:u}`}};x([_({attribute:!1})],K.prototype,`texts`,void 0),x([_({attribute:!1})],K.prototype,`recording`,void 0),x([_({attribute:!1})],K.prototype,`name`,void 0),x([_({attribute:!1})],K.prototype,`actions`,void 0),x([_({attribute:!1})],K.prototype,`reached`,void 0),x([_({attribute:!1})],K.prototype,`selected`,void 0),x([_({attribute:!1})],K.prototype,`mayDelete`,void 0),x([_({attribute:!1})],K.prototype,`mayDownload`,void 0),x([_({attribute:!1})],K.prototype,`playing`,void 0),x([_({attribute:!1})],K.prototype,`progress`,void 0),x([_({attribute:!1})],K.prototype,`sought`,void 0),n(`voice-privacy-recording`,K);var zn={openwakeword:`openWakeWord`,microwakeword:`microWakeWord`},Bn={done:`timeline.run_done`,error:`timeline.run_error`,no_speech:`timeline.run_no_speech`,not_done:`timeline.run_not_done`,not_run:`timeline.run_not_run`,not_understood:`timeline.run_not_understood`,unfinished:`timeline.run_unfinished`},Vn={child_safe:`timeline.not_reviewed_child_safe`,house_off:`timeline.not_reviewed_house_off`,satellite_off:`timeline.not_reviewed_satellite_off`};function Hn(e,t,n){let{started_by:r,wake_word:i,score:a,threshold:o}=t;if(r===`button`)return l`<p>${e.get(`timeline.why_button`)}</p>`;if(r===`conversation`)return l`<p>${e.get(`timeline.why_question`)}</p>`;if(a==null||o==null){let t=n?.heard_by===`other`?`timeline.why_other`:r===`satellite`?`timeline.why_satellite`:`timeline.why_unknown`;return l`<p>${e.get(t)}</p>`}let s=n?.filter_score;return l`<p>
      ${e.get(`timeline.why_score`,{word:i??``,score:e.percent(Ln(a)),threshold:e.percent(o)})}
      ${s==null?u:e.get(`timeline.why_filter`,{score:e.percent(Ln(s)),threshold:e.percent(fe)})}
    </p>
    ${(n?.scores.length??0)>1?Pn(e,n.scores,o):l`<div class="score" dir="ltr" aria-hidden="true">
            <i style="width:${100*Math.min(1,a)}%"></i><u style="left:${100*Math.min(1,o)}%"></u>
          </div>`}`}function Un(e,{started_by:t},n){return n?.heard_by===`both`?e.get(`timeline.engine_both`,{first:zn.microwakeword,second:zn.openwakeword}):n?.heard_by===`other`?n.engine??e.get(`timeline.engine_other`):n?.heard_by?zn[n.heard_by]:t===`satellite`?e.get(`timeline.engine_satellite`):void 0}function Wn(e,t){if(!t)return u;let{level:n,peak:r,clipped:i,problem:a}=t;return l`<span class="elapsed" id="figures"
      >${e.get(`timeline.sound`,{level:k(e,n),peak:k(e,r),clipped:e.percent(i,2)})}</span
    >
    ${a?l`<p class="note warn">${b(S.alert)}<span>${e.get(`microphone_test.${a}`)}</span></p>`:u}`}function Gn(e,{started_at:t},n){let{status:r,code:i,message:a,debug:o}=n;return l`${e.get(Bn[r])}
  ${a?l`<span class="message" dir="auto">${a}</span>`:u}
  ${i&&r!==`not_understood`?l`<bdi class="code">${i}</bdi>`:u}
  ${o?l`<a id="debug" href=${o}
          >${e.get(`timeline.debug`,{time:e.timeWithSeconds(t)})}</a
        >`:u}`}var Kn=96,q=class extends h{constructor(...e){super(...e),this.correcting=!1}static{this.styles=[C,Ce,kn]}get shown(){return this.recording?.id}async open(e){let t=!this.recording;if(this.recording=e,this.detail=void 0,this.correcting=!1,await this.updateComplete,t&&this.dialog.showModal(),this.renderRoot.querySelector(`.play`)?.focus(),!e.error)try{let t=await this.connection.call(`recordings/get`,{recording_id:e.id});this.recording===e&&(this.detail=t)}catch{}}close(){this.recording&&this.dialog.close()}get dialog(){return this.renderRoot.querySelector(`dialog`)}closed(){let{recording:e}=this;this.recording=void 0,this.emit(`vp-detail-closed`,e?.id)}onKey(e){e.stopPropagation();let t=e.composedPath()[0];if(e.ctrlKey||e.metaKey||e.altKey||t.matches(`input, textarea`))return;let n={j:()=>this.step(1),k:()=>this.step(-1),Delete:()=>this.delete()};t.matches(`button, summary, a`)||(n[` `]=()=>this.actions.play(this.recording));let r=n[e.key];r&&(e.preventDefault(),r())}delete(){let{recording:e}=this;e&&this.mayDelete(e)&&(this.dialog.close(),this.actions.delete(e))}async label(e,t=null){let{detail:n,recording:r}=this;if(!n||!r)return;if(e===`wrong_transcript`&&t===null){this.correcting=!0;return}let{clip:i}=n,a={label:e,correction:t};await this.attempt(()=>i?this.connection.call(`review/label`,{review_id:i.review_id,...a}):this.connection.call(`recordings/feedback`,{recording_id:r.id,...a}))&&(this.emit(`vp-recording`,{...r,feedback:a}),this.detail===n&&(this.detail={...n,feedback:a,...i?{clip:{...i,label:e}}:{}},this.correcting=!1))}render(){return l`<dialog aria-labelledby="title" @close=${this.closed} @keydown=${this.onKey}>
      ${this.recording?l`<div class="dialog">${this.body(this.recording)}</div>`:u}
    </dialog>`}body(e){let t=this.connection.nameOf(e.satellite_id)??this.t(`common.removed_satellite`),{error:n,transcript:r}=e,i=n?this.texts.error(n):r??Rn(this.texts,e);return l`<div class="head">
        <p class="muted-text">
          <time datetime=${e.started_at}>${this.texts.dateTime(e.started_at)}</time> ·
          <bdi>${t}</bdi>
        </p>
        ${this.stepButton(-1,`timeline.newer`,S.up)} ${this.stepButton(1,`timeline.older`,S.down)}
        <button class="icon-button" id="close" aria-label=${this.t(`common.close`)} @click=${()=>this.dialog.close()}>
          ${b(S.close)}
        </button>
      </div>
      <h2 id="title" class=${r?``:`none`}><bdi>${i}</bdi></h2>
      ${e.reply?l`<p class="reply">${b(S.reply)}<span dir="auto">${e.reply}</span></p>`:u}
      ${this.sound(e,In(this.texts,e,t))}
      <section>
        <h3>${this.t(`timeline.why`)}</h3>
        ${Hn(this.texts,e,this.detail?.why)}
      </section>
      <dl class="receipt">
        ${this.facts(e).map(([e,t])=>l`<div>
              <dt>${e}</dt>
              <dd><bdi>${t}</bdi></dd>
            </div>`)}
      </dl>
      ${e.error?u:this.feedback()}
      <div class="actions">
        ${this.admin?l`<button
                class="button"
                ?disabled=${!!e.error}
                @click=${()=>void this.actions.download(e)}
              >
                ${b(S.archive)}${this.t(`recordings.download_short`)}
              </button>`:u}
        ${this.mayDelete(e)?l`<button class="button danger-quiet" id="detail-delete" @click=${()=>this.delete()}>
                ${b(S.deleted)}${this.t(`recordings.delete_short`)}
              </button>`:u}
      </div>`}stepButton(e,t,n){return l`<button
      class="icon-button"
      aria-label=${this.t(t)}
      title=${this.t(t)}
      @click=${()=>this.step(e)}
    >
      ${b(n)}
    </button>`}sound(e,t){let{player:n,actions:r}=this,i=n.id===e.id,a=i&&(n.state===`playing`||n.state===`loading`),o=i?n.progress:0;return l`<div class="sound">
      <button
        class="play ${i?`active`:``}"
        ?disabled=${!!e.error}
        aria-label=${this.t(a?`recordings.pause`:`recordings.play`,{recording:t})}
        @click=${()=>r.play(e)}
      >
        ${b(a?S.pause:S.play)}
      </button>
      <div class="shape" dir="ltr" style="--progress:${100*o}%;--played:${i?`visible`:`hidden`}">
        ${he(e.peaks,Kn)}
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
      ${Wn(this.texts,this.detail?.sound)}
    </div>`}facts(e){let{deletes_at:t,language:n,size:r,kind:i}=e,{run:a,why:o}=this.detail??{},s=Un(this.texts,e,o),c=[];return i===`false_wake`&&c.push([this.t(`recordings.kinds`),this.t(`recordings.false_wake`)]),s&&c.push([this.t(`timeline.engine`),s]),a&&c.push([this.t(`timeline.result`),Gn(this.texts,e,a)]),c.push([this.t(`timeline.kept`),t?this.t(`recordings.kept_until`,{date:this.texts.dateTime(t)}):this.t(`timeline.until_deleted`)]),n&&c.push([this.t(`timeline.language`),this.texts.languageName(n)]),r!==null&&c.push([this.t(`timeline.size`),this.texts.size(r)]),c}feedback(){let{detail:e}=this,t=e?.feedback;return l`<section>
      <h3>${this.t(`timeline.feedback`)}</h3>
      ${e?l`<div class="labels" role="group" aria-label=${this.t(`timeline.feedback`)}>
                ${c.map(n=>l`<button
                      class="button"
                      data-label=${n}
                      aria-pressed=${(e.clip?.label??t?.label)===n}
                      @click=${()=>void this.label(n)}
                    >
                      ${this.t(`review.${n}`)}
                    </button>`)}
              </div>
              ${this.correcting?this.correction():u}
              ${t?.correction&&!this.correcting?l`<p>${this.t(`review.correction`)}: <q dir="auto">${t.correction}</q></p>`:u}
              <p class="muted-text" role="status">${this.place(e)}</p>`:l`<p class="muted-text">${this.t(`common.loading`)}</p>`}
    </section>`}place({clip:e,feedback:t,not_reviewed:n}){let r=t?`${this.t(`timeline.feedback_kept`)} `:``;if(e){if(e.label)return this.t(`timeline.feedback_given`);let t=(e.findings??[]).map(e=>this.t(`review.finding_${e}`)).join(`, `);return e.barred?this.t(`review.barred`,{what:t}):this.t(`timeline.feedback_waits`)}return this.admin?r+this.t((n&&Vn[n])??`timeline.not_reviewed_any_more`):r}correction(){return l`<form
      class="correction"
      @submit=${e=>{e.preventDefault();let t=this.renderRoot.querySelector(`#correction`);this.label(`wrong_transcript`,t.value)}}
    >
      <label for="correction">${this.t(`review.correction`)}</label>
      <input
        class="field"
        id="correction"
        dir="auto"
        maxlength="500"
        .value=${this.detail?.feedback?.correction??this.recording?.transcript??``}
      />
      <button class="button">${this.t(`review.save`)}</button>
    </form>`}};x([_({attribute:!1})],q.prototype,`player`,void 0),x([_({attribute:!1})],q.prototype,`actions`,void 0),x([_({attribute:!1})],q.prototype,`mayDelete`,void 0),x([_({attribute:!1})],q.prototype,`step`,void 0),x([g()],q.prototype,`recording`,void 0),x([g()],q.prototype,`detail`,void 0),x([g()],q.prototype,`correcting`,void 0),n(`voice-privacy-detail`,q);var qn=v` :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: 14px; container: filter / inline-size; } .toolbar { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; } .kinds { display: flex; gap: 4px; padding: 4px; border-radius: 22px; background: color-mix(in srgb, var(--primary-text-color) 7%, transparent); } .kind { min-height: 34px; padding: 0 14px; border-radius: 17px; font-weight: 500; white-space: nowrap; } .kind[aria-pressed="true"] { background: var(--vp-card); box-shadow: inset 0 0 0 1px var(--vp-line), 0 1px 3px rgba(0, 0, 0, 0.22); } .count { font-weight: 400; color: var(--secondary-text-color); } .find { flex: 1 1 240px; min-width: 0; display: flex; gap: 10px; align-items: center; } .search { flex: 1; min-width: 0; display: flex; align-items: center; gap: 8px; border-radius: 20px; min-height: 42px; } .search:focus-within { outline: 2px solid var(--vp-accent); } .search input { flex: 1; min-width: 0; border: 0; outline: 0; background: none; height: 38px; } .search input::placeholder { color: var(--secondary-text-color); opacity: 1; } .rooms { display: flex; gap: 8px; overflow-x: auto; scrollbar-width: thin; padding: 2px; } .room { flex: none; min-height: 36px; padding: 0 14px; border-radius: 18px; border: 1px solid var(--vp-line); background: var(--vp-card); white-space: nowrap; } .room[aria-pressed="true"] { background: var(--vp-tint); border-color: var(--vp-accent); font-weight: 500; } @media (pointer: coarse) { .room, .kind { min-width: 48px; min-height: 48px; border-radius: 24px; } .search, .search input { min-height: 48px; } .icon-button { width: 48px; height: 48px; } } .tools { display: flex; } .icon-button.on { background: var(--vp-tint); color: var(--primary-text-color); } .filters { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; padding: 16px; align-items: end; } .filters label { display: grid; gap: 4px; font-size: 13px; color: var(--secondary-text-color); } .filters .field { width: 100%; font-size: 14px; color: var(--primary-text-color); } @container filter (max-width: 639px) { .kinds { order: 3; flex: 1 1 100%; flex-wrap: wrap; } .kind { flex: 1 0 auto; padding: 0 10px; } } `,J=class extends h{constructor(...e){super(...e),this.filter={},this.selecting=!1,this.open=!1}static{this.styles=[C,qn]}focusSearch(){this.renderRoot.querySelector(`input[type=search]`)?.focus()}choose(e){this.emit(`vp-filter`,e)}render(){let{filter:e}=this,t=[null,...re.filter(e=>e!==`near_miss`||this.counts?.[e]||this.filter.kind===e)],n=e.first_day||e.last_day||e.satellite_id;return l`<div class="toolbar">
        <div class="kinds" role="group" aria-label=${this.t(`recordings.kinds`)}>
          ${t.map(e=>this.kind(e))}
        </div>
        <div class="find">
          <label class="search field"
            >${b(S.search)}<span class="sr">${this.t(`recordings.search`)}</span
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
              ${b(S.filter)}
            </button>
            ${this.admin?l`<button
                    class="icon-button ${this.selecting?`on`:``}"
                    aria-pressed=${this.selecting}
                    aria-label=${this.t(`recordings.select`)}
                    title=${this.t(`recordings.select`)}
                    @click=${()=>this.emit(`vp-selecting`)}
                  >
                    ${b(S.select)}
                  </button>`:u}
          </div>
        </div>
      </div>
      ${this.open?this.fields():u} ${this.state.satellites.length>1?this.rooms():u}`}rooms(){let e=this.filter.satellite_id??null,t=(t,n)=>l`<button class="room" aria-pressed=${e===t} @click=${()=>this.choose({satellite_id:t})}>
        <bdi>${n}</bdi>
      </button>`;return l`<div class="rooms" role="group" aria-label=${this.t(`recordings.satellite`)}>
      ${t(null,this.t(`recordings.all_satellites`))} ${this.state.satellites.map(({id:e,name:n})=>t(e,n))}
    </div>`}kind(e){let t=this.counts?.[e??`all`];return l`<button
      class="kind"
      aria-pressed=${(this.filter.kind??null)===e}
      @click=${()=>this.choose({kind:e})}
    >
      ${this.t(`recordings.kind_${e??`all`}`)}
      ${t===void 0?u:l`<bdi class="count">${this.texts.number(t)}</bdi>`}
    </button>`}fields(){let{filter:e}=this,t=e=>e.target.value||null;return l`<div class="filters card">
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
          ${this.state.satellites.map(({id:t,name:n})=>l`<option value=${t} ?selected=${t===e.satellite_id}>${n}</option>`)}
        </select></label
      >
      <button class="button" @click=${()=>this.choose({first_day:null,last_day:null,satellite_id:null})}>
        ${this.t(`recordings.clear_filter`)}
      </button>
    </div>`}};x([_({attribute:!1})],J.prototype,`filter`,void 0),x([_({attribute:!1})],J.prototype,`counts`,void 0),x([_({attribute:!1})],J.prototype,`selecting`,void 0),x([g()],J.prototype,`open`,void 0),n(`voice-privacy-filter`,J);function Jn(e,t,n){let r=Se(e,n);return l`<small>${se(e,t,n)} ${r?l`<bdi>${r}</bdi>`:``}</small>`}function Yn(e,t){return l`<ul class="strip" tabindex="0" aria-label=${e.get(`tabs.microphones`)}>
    ${t.state.satellites.map(n=>l`<li class="chip">
          ${y(n)}<span><bdi>${n.name}</bdi>${Jn(e,t,n)}</span>
        </li>`)}
  </ul>`}function Xn(e,t){let n=t.state;return l`${n.satellites.length?Zn(e,t,n):u}
  ${T(n)?Qn(e,n):u}`}function Zn(e,t,{satellites:n}){return l`<section class="card rail">
    <h2>${e.get(`tabs.microphones`)}</h2>
    ${n.map(n=>l`<div class="mic-row">
          ${y(n)}
          <span
            ><b><bdi>${n.name}</bdi></b
            >${Jn(e,t,n)}</span
          >
        </div>`)}
  </section>`}function Qn(e,t){return l`<section class="card rail">
    <h2>${e.get(`recordings.kept_here`)}</h2>
    <p class="big"><bdi>${Ut(e,t)}</bdi></p>
    <p class="muted-text">${e.count(`recordings`,t.house.recordings)}</p>
    ${Wt(e,t)}
    <p class="muted-text small">${e.get(`recordings.sealed`)}</p>
  </section>`}var $n=[[[`J`,`K`],`keys.next`],[[`Space`],`keys.play`],[[`O`],`keys.open`],[[`X`],`keys.select`],[[`Shift`],`keys.range`],[[`Del`],`keys.delete`],[[`Ctrl+Z`],`keys.undo`],[[`/`],`keys.search`],[[`Esc`],`keys.leave`]],er=class extends h{constructor(...e){super(...e),this.shown=!1}static{this.styles=[C,Ce]}async open(){this.shown=!0,await this.updateComplete,this.renderRoot.querySelector(`dialog`).showModal()}render(){return l`<dialog
      aria-labelledby="title"
      @close=${()=>this.shown=!1}
      @keydown=${e=>e.stopPropagation()}
    >
      ${this.shown?l`<div class="dialog">
              <h2 id="title">${this.t(`keys.title`)}</h2>
              <dl class="receipt">
                ${$n.map(([e,t])=>l`<div>
                      <dt>${this.t(t)}</dt>
                      <dd>${e.map((e,t)=>l`${t?` `:u}<kbd>${e}</kbd>`)}</dd>
                    </div>`)}
              </dl>
              <div class="actions">
                <button class="button" @click=${()=>this.renderRoot.querySelector(`dialog`).close()}>
                  ${this.t(`common.close`)}
                </button>
              </div>
            </div>`:u}
    </dialog>`}};x([g()],er.prototype,`shown`,void 0),n(`voice-privacy-keys`,er);var tr=class{constructor(e={}){this.filter=e,this.recordings=[],this.more=!0,this.counts={all:0,command:0,false_wake:0},this.days=new Map,this.gone=new Set}get cursor(){return this.recordings.at(-1)?.sequence??null}append(e){let t=new Set(this.recordings.map(e=>e.id));for(let n of e.recordings)!t.has(n.id)&&!this.gone.has(n.id)&&this.recordings.push(n);for(let[t,n]of Object.entries(e.days))this.days.set(t,{...n});e.counts&&(this.counts={...e.counts}),this.more=e.more}matches(e){let{first_day:t,last_day:n,satellite_id:r,kind:i}=this.filter;return!this.gone.has(e.id)&&(!t||e.day>=t)&&(!n||e.day<=n)&&(!r||e.satellite_id===r)&&(!i||e.kind===i)}back(e){this.gone.delete(e)}add(e){if(!this.matches(e)||this.recordings.some(t=>t.id===e.id))return!1;let{cursor:t}=this;if(this.more&&t!==null&&e.sequence<t)return this.count(e,1),!0;let n=this.recordings.findIndex(t=>t.sequence<e.sequence);return this.recordings.splice(n<0?this.recordings.length:n,0,e),this.count(e,1),!0}replace(e){let t=this.recordings.findIndex(t=>t.id===e.id);t>=0&&(this.recordings[t]=e)}remove(e){let t=new Set(e);for(let e of t)this.gone.add(e);for(let e of this.recordings)t.has(e.id)&&this.count(e,-1);this.recordings=this.recordings.filter(e=>!t.has(e.id))}knowsAll(e){let t=new Set(this.recordings.map(e=>e.id));return e.every(e=>t.has(e))}recount(e){e.counts&&(this.counts={...e.counts});for(let[t,n]of Object.entries(e.days))this.days.set(t,{...n})}found(e){this.recordings.push(...e.filter(e=>!this.gone.has(e.id)))}grouped(){let e=[];for(let t of this.recordings){let n=e.at(-1);if(n?.day===t.day)n.recordings.push(t);else{let n=this.days.get(t.day)??{count:0,size:null};e.push({day:t.day,figures:n,recordings:[t]})}}return e}count(e,t){this.counts={...this.counts,all:this.counts.all+t,[e.kind]:(this.counts[e.kind]??0)+t};let n=this.days.get(e.day)??{count:0,size:e.size===null?null:0},r=n.size===null||e.size===null?null:n.size+t*e.size;this.days.set(e.day,{count:n.count+t,size:r})}};function nr(e,t,n){let r=new Set(e);for(let e of t)n?r.add(e):r.delete(e);return r}var rr=200,ir=class{constructor(e){this.host=e,this.timeline=new tr,this.fresh=new Set,this.removed=new Map,this.searched=!1,this.loading=!1,this.loaded=!1,e.addController(this)}hostDisconnected(){this.begin(this.timeline.filter)}get waiting(){return this.loading||!this.loaded}begin(e,t=!1){this.removed.clear(),this.timeline=new tr(e),this.timeline.more=!t,this.searched=t,this.loading=this.loaded=!1,this.failure=void 0,this.host.requestUpdate()}async loadMore(){let{timeline:e}=this;if(!(this.loading||this.failure||!e.more)){this.loading=!0,this.host.requestUpdate();try{let t=await this.list(e,{before:e.cursor,limit:50});if(e!==this.timeline)return;e.append(t)}catch(t){if(e!==this.timeline)return;this.failure=r(t)}this.loading=!1,this.loaded=!0,this.host.requestUpdate()}}found(e){this.timeline.found(e),this.host.requestUpdate()}fail(e){this.failure=e,this.host.requestUpdate()}async add(e){let{timeline:t}=this;t.back(e.id);let n=this.removed.get(e.id);if(n)this.removed.delete(e.id),t.add(n),this.host.requestUpdate();else if(!this.searched&&t.matches(e))try{let n=await this.host.connection.call(`recordings/get`,{recording_id:e.id});if(t!==this.timeline||!t.add(n))return;this.fresh=nr(this.fresh,[e.id],!0),this.host.requestUpdate()}catch{}}remove(e){let t=this.timeline.knowsAll(e);for(let t of this.timeline.recordings)e.includes(t.id)&&this.remember(t);this.timeline.remove(e),!t&&!this.searched&&this.recount(),this.host.requestUpdate()}remember(e){this.removed.set(e.id,e),this.removed.size>rr&&this.removed.delete(this.removed.keys().next().value)}async recount(){let{timeline:e}=this;try{e.recount(await this.list(e,{limit:1,content:!1})),this.host.requestUpdate()}catch{}}list({filter:e},t){return this.host.connection.call(`recordings/list`,{...e,...t})}},ar=class{constructor(e,t){this.host=e,this.endReached=t,this.heights=new Map,this.near=new Set,e.addController(this)}hostConnected(){this.chunks=new IntersectionObserver(e=>this.moved(e),{rootMargin:`1200px 0px`}),this.end=new IntersectionObserver(e=>{e.some(e=>e.isIntersecting)&&this.endReached()},{rootMargin:`800px 0px`})}hostDisconnected(){this.chunks?.disconnect(),this.end?.disconnect()}hostUpdated(){for(let e of this.host.renderRoot.querySelectorAll(`[data-chunk]`))this.chunks?.observe(e);this.end?.disconnect();let e=this.host.renderRoot.querySelector(`[data-end]`);e&&this.end?.observe(e)}clear(){this.heights.clear(),this.near.clear()}split(e){return Array.from({length:Math.ceil(e.length/25)},(t,n)=>{let r=e.slice(n*25,(n+1)*25);return{key:r[0].id,items:r}})}heightOf(e){return this.near.has(e)?void 0:this.heights.get(e)}moved(e){for(let{target:t,isIntersecting:n,boundingClientRect:r}of e){let e=t.dataset.chunk;n?this.near.add(e):this.near.delete(e)&&this.heights.set(e,r.height)}this.host.requestUpdate()}},or=class{constructor(e,t){this.host=e,this.ids=t,this.entered=!1,this.onKey=e=>{let t={ArrowDown:1,ArrowUp:-1}[e.key],n=e.composedPath()[0];if(!t||n.matches(`input[type=range]`))return;let r=this.ids(),i=r[r.indexOf(this.active??``)+t];i&&(e.preventDefault(),this.reach(i),this.focus(`[data-id="${i}"] .play`))},e.addController(this)}hostUpdate(){this.active??=this.ids()[0]}reach(e){this.entered=!0,this.active!==e&&(this.active=e,this.host.requestUpdate())}move(e){let t=this.ids(),n=this.host.renderRoot.activeElement?.closest(`[data-id]`)?.dataset.id===this.active?t[t.indexOf(this.active??``)+e]:this.entered&&t.includes(this.active??``)?this.active:t[0];if(n)return this.reach(n),this.focus(`[data-id="${n}"] .play`),n}enter(){this.active&&(this.reach(this.active),this.focus(`[data-id="${this.active}"] .play`))}focus(e){this.host.updateComplete.then(()=>this.host.renderRoot.querySelector(e)?.focus())}},sr=class{constructor(e,t){this.host=e,this.list=t,this.text=``,e.addController(this)}hostDisconnected(){this.stop()}get running(){return this.progress?.running??!1}type(e){this.text=e.trim(),clearTimeout(this.timer),this.timer=setTimeout(()=>{this.text?this.start():this.progress&&this.host.searchCleared()},350)}start(){this.stop();let e={done:0,total:0,running:!0};this.progress=e,this.host.searchStarted(),this.follow(e)}stop(){clearTimeout(this.timer),this.end?.(),this.end=this.progress=void 0,this.host.requestUpdate()}async follow(e){let{connection:t,filter:n}=this.host;try{let r=await t.follow(`recordings/search`,{text:this.text,...n},t=>{e===this.progress&&this.receive(e,t)},t=>e===this.progress&&e.running&&this.fail(e,t));e===this.progress?this.end=r:r()}catch(t){e===this.progress&&this.fail(e,r(t))}}receive(e,t){switch(t.type){case`progress`:e.done=t.done,e.total=t.total,this.list.found(t.recordings);break;case`finished`:e.running=!1;break;case`failed`:this.fail(e,r(t))}this.host.requestUpdate()}fail(e,t){e.running=!1,this.list.fail(t),this.host.requestUpdate()}},cr=class{constructor(e){this.host=e,this.ids=new Set,this.offered=!1,e.addController(this)}hostDisconnected(){this.clear()}get size(){return this.ids.size}get shown(){return this.offered||this.size>0}has(e){return this.ids.has(e)}hasAll(e){return e.every(e=>this.ids.has(e))}set(e,t){this.ids=nr(this.ids,e,t),this.host.requestUpdate()}pick(e,t,n,r){let i=r&&this.origin?n.indexOf(this.origin):-1,a=n.indexOf(e),o=i<0||a<0?[e]:n.slice(Math.min(i,a),Math.max(i,a)+1);this.origin=e,this.set(o,t)}leave(){this.offered=!1,this.clear()}clear(){this.origin=void 0,this.ids=new Set,this.host.requestUpdate()}toggleOffered(){this.offered=!this.offered,this.offered?this.host.requestUpdate():this.clear()}},lr=`input:not([type=checkbox], [type=range], [type=radio]), textarea, select, [contenteditable]`,ur=`button, a, summary, input, [role=button], [role=tab]`,dr=class{constructor(e,t){this.host=e,this.acts=t,this.onKey=e=>{let t=e.composedPath(),n=t[0];if(e.defaultPrevented||e.isComposing||e.altKey||!this.concerns(t))return;let r=(e.ctrlKey||e.metaKey)&&!e.shiftKey&&e.key.toLowerCase()===`z`;if((e.ctrlKey||e.metaKey)&&!r)return;let i=n instanceof HTMLElement?n:void 0;if(i?.matches(lr)&&e.key!==`Escape`||(e.key===` `||e.key===`Enter`)&&i?.matches(ur))return;let a=this.acts[r?`undo`:e.key];a?.(e)&&(e.preventDefault(),e.stopImmediatePropagation())},e.addController(this)}hostConnected(){window.addEventListener(`keydown`,this.onKey,!0)}hostDisconnected(){window.removeEventListener(`keydown`,this.onKey,!0)}concerns(e){if(e.some(e=>e instanceof HTMLElement&&e.matches(`dialog, ha-dialog, [role=dialog]`)))return!1;let t=this.host.getRootNode(),n=t instanceof ShadowRoot?t.host:document.body;return e[0]===document.body||e[0]===document||e.includes(n)}};function fr(e,t,n){let{started_at:r,satellite_id:i,transcript:a=null}=n;return{text:a,about:`${e.moment(r,t.state.house.today)}, ${t.nameOf(i)??e.get(`common.removed_satellite`)}`}}function pr(e,t,n){let{id:r}=n;return{title:e.get(`delete.title_one`),request:{scope:`ids`,recording_ids:[r]},quotes:[fr(e,t,n)],undoable:r}}function mr(e,t,n,r){return{title:e.get(`delete.title_selection`,{recordings:e.count(`recordings`,n.size)}),request:{scope:`ids`,recording_ids:[...n]},quotes:r.filter(({id:e})=>n.has(e)).map(n=>fr(e,t,n))}}function hr(e,t,n){let r=e.dayName(n,t.state.house.today);return{title:e.get(`delete.title_day`,{day:r}),request:{scope:`day`,day:n}}}function gr(e){let t=(t,n=!1)=>()=>{let{reached:r}=e;return!r||n&&!e.mayDelete(r)?!1:(t(r),!0)},n=t(t=>e.delete(t),!0);return{j:()=>e.move(1),k:()=>e.move(-1)," ":t(t=>e.play(t)),o:t(t=>e.open(t)),x:t(t=>{e.select(t,!e.selection.has(t.id),!1),e.enter()},!0),Delete:t=>e.selection.size?(e.deleteSelected(),!0):n(t),"/":()=>(e.search(),!0),"?":()=>(e.help(),!0),undo:()=>e.undo(),Escape:()=>e.selection.shown?(e.selection.leave(),!0):!1}}function _r(e){let t=e.composedPath();return!t.slice(0,t.indexOf(e.currentTarget)).some(e=>e instanceof Element&&e.matches(`button, input, a`))&&!String(getSelection()??``)}var vr=class extends h{constructor(){super(),this.filter={},this.loader=new ir(this),this.searching=new sr(this,this.loader),this.selection=new cr(this),this.focused=new or(this,()=>this.timeline.recordings.map(e=>e.id)),this.window=new ar(this,()=>void this.loader.loadMore()),this.days=new Cn(this),this.listened=!1,new Dt(this),new dr(this,gr(this))}get timeline(){return this.loader.timeline}connectedCallback(){super.connectedCallback(),this.player=new ye(this.connection,()=>{this.requestUpdate(),this.detail?.requestUpdate()},e=>this.notify(this.texts.error(e.code))),this.listened=this.mayListen,this.reload()}disconnectedCallback(){super.disconnectedCallback(),this.player.stop()}stateChanged(){let{mayListen:e}=this;e&&!this.listened&&this.reload(),!e&&this.listened&&(this.player.stop(),this.searching.stop(),this.begin()),this.listened=e,this.requestUpdate()}recordingsAdded(e){if(this.mayListen){for(let t of e)this.loader.add(t);this.days.soon()}}recordingsDeleted(e){this.player.id&&e.includes(this.player.id)&&(this.player.stop(),this.notify(this.t(`recordings.deleted_while_playing`))),e.includes(this.detail?.shown??``)&&this.detail.close(),this.loader.remove(e),this.selection.set(e,!1),this.days.soon()}recordingsReset(){this.player.stop(),this.reload()}get mayListen(){return this.connection.state?.permissions.listen??!1}begin(e=!1){this.loader.begin(this.filter,e),this.window.clear(),this.selection.clear()}async reload(){this.searching.stop(),this.begin(),this.mayListen&&(this.searching.text?this.searching.start():await this.loader.loadMore(),await this.days.load())}setFilter({detail:e}){this.filter={...this.filter,...e},this.reload()}searchStarted(){this.begin(!0)}searchCleared(){this.reload()}play(e){this.notify(``),this.player.toggle(e.id)}seek(e,t){this.player.seek(e.id,t)}select(e,t,n){this.selection.pick(e.id,t,this.selectable,n)}open(e){this.detail?.open(e)}changed(e){this.timeline.replace(e),this.requestUpdate()}delete(e){this.ask(pr(this.texts,this.connection,e))}get detail(){return this.renderRoot.querySelector(`voice-privacy-detail`)}get selectable(){return this.timeline.recordings.filter(e=>this.mayDelete(e)).map(({id:e})=>e)}nameOf(e){return this.connection.nameOf(e.satellite_id)??this.t(`common.removed_satellite`)}get reached(){return this.timeline.recordings.find(({id:e})=>e===this.focused.active)}move(e){return this.focused.move(e)!==void 0}enter(){this.focused.enter()}search(){this.renderRoot.querySelector(`voice-privacy-filter`)?.focusSearch()}help(){this.renderRoot.querySelector(`voice-privacy-keys`)?.open()}step(e){let{recordings:t}=this.timeline,n=t.findIndex(({id:e})=>e===this.detail?.shown),r=n<0?void 0:t[n+e];r&&(this.focused.reach(r.id),this.detail?.open(r))}undo(){return this.getRootNode().querySelector(`voice-privacy-deletion`)?.undo()??!1}clicked(e,t){_r(e)&&(this.selection.shown&&this.mayDelete(t)?this.select(t,!this.selection.has(t.id),e.shiftKey):this.open(t))}async downloadSelected(){let e=[...this.selection.ids];if(e.length>200)return;let[t]=this.timeline.recordings.filter(({id:t})=>t===e[0]);e.length===1&&t?await this.download(t):await this.attempt(()=>ct(this.connection,e,this.house.today))}async download(e){await this.attempt(()=>st(this.connection,e))}ask(e){this.emit(`vp-delete`,e)}deleteSelected(){this.ask(mr(this.texts,this.connection,this.selection.ids,this.timeline.recordings))}focusList(){this.focused.focus(`#list-title`)}mayDelete(e){return this.admin||this.state.may.delete_selected.includes(e.satellite_id)}deleteDay(e){this.ask(hr(this.texts,this.connection,e))}};x([g()],vr.prototype,`filter`,void 0);var yr=class extends vr{static{this.styles=[C,bn,yn,xn]}render(){let{connection:e,state:t,texts:n}=this,{store_error:r}=t.house,{progress:i}=this.searching,a=this.timeline.recordings.length;return l`<div class="columns">
      <div class="main">
        ${r?l`<div class="note warn" role="alert">
                ${b(S.alert)}<span>${n.error(r)}</span>
              </div>`:u}
        ${E(t)?u:Yn(n,e)}
        <voice-privacy-held .connection=${e} .texts=${n}></voice-privacy-held>
        ${t.permissions.listen?l`${this.filters()}${this.calendar()}${i?xt(n,i,a):u}${this.list()}`:ht(n,t)}
      </div>
      ${E(t)?u:l`<aside>${Xn(n,e)}</aside>`}
      ${Ct(n,this.selection,{all:this.selection.hasAll(this.selectable)?void 0:()=>this.selection.set(this.selectable,!0),download:this.admin?()=>void this.downloadSelected():void 0,remove:()=>this.deleteSelected()})}
      ${this.dialogs()}
    </div>`}calendar(){return En(this.texts,this.house.today,this.days.counts,this.filter,e=>{this.filter={...this.filter,first_day:e,last_day:e},this.reload()})}dialogs(){return l`<voice-privacy-detail
        .connection=${this.connection}
        .texts=${this.texts}
        .player=${this.player}
        .actions=${this}
        .mayDelete=${e=>this.mayDelete(e)}
        .step=${e=>this.step(e)}
        @vp-recording=${({detail:e})=>this.changed(e)}
        @vp-detail-closed=${({detail:e})=>this.focused.focus(`[data-id="${e}"] .play`)}
      ></voice-privacy-detail>
      <voice-privacy-keys .connection=${this.connection} .texts=${this.texts}></voice-privacy-keys>`}filters(){return l`<voice-privacy-filter
      .connection=${this.connection}
      .texts=${this.texts}
      .filter=${this.filter}
      .counts=${this.searching.progress?void 0:this.timeline.counts}
      .selecting=${this.selection.offered}
      @vp-filter=${this.setFilter}
      @vp-search=${({detail:e})=>this.searching.type(e)}
      @vp-selecting=${()=>this.selection.toggleOffered()}
    ></voice-privacy-filter>`}list(){let e=this.timeline.grouped();if(!e.length)return this.noRows();let{more:t}=this.timeline,{failure:n}=this.loader;return l`<h2 class="sr" id="list-title" tabindex="-1">${this.t(`tabs.recordings`)}</h2>
      <div class=${this.selection.shown?`selecting`:``} @keydown=${this.focused.onKey}>
        ${vn(e,(e,t)=>`${e.day}/${t}`,e=>this.day(e))}
      </div>
      ${n?bt(this.texts,n,()=>void this.reload()):u}
      ${t&&!n?l`<div data-end class="ghosts">${vt()}</div>`:u}
      ${t||this.searching.progress?u:l`<p class="last muted-text">${this.t(`recordings.end`)}</p>`}`}noRows(){let{failure:e}=this.loader,t=this.searching.progress!==void 0;return e?bt(this.texts,e,()=>void this.reload()):(t?this.searching.running:this.loader.waiting)?yt(this.texts):_t(this.texts,this.state,t)}day(e){let t=this.texts.day(e.day,this.house.today),n=e.recordings.filter(e=>this.mayDelete(e)).map(e=>e.id);return l`<section aria-label=${t}>
      ${St(this.texts,{day:e,name:t,ids:n,searched:this.searching.progress!==void 0,selection:this.selection,remove:this.admin?()=>this.deleteDay(e.day):void 0})}
      <div class="rows card" role="list">
        ${vn(this.window.split(e.recordings),e=>e.key,({key:e,items:t})=>this.piece(e,t))}
      </div>
    </section>`}piece(e,t){let n=this.window.heightOf(e);return l`<div role="presentation" data-chunk=${e} style=${n===void 0?``:`height:${n}px`}>
      ${n===void 0?vn(t,e=>e.id,e=>this.row(e)):u}
    </div>`}row(e){let{id:t}=e,n=this.nameOf(e),r=this.player.id===t;return l`<voice-privacy-recording
      role="listitem"
      class="row ${r?`current`:``} ${this.loader.fresh.has(t)?`fresh`:``}"
      data-id=${t}
      aria-label=${In(this.texts,e,n)}
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
    ></voice-privacy-recording>`}};n(`voice-privacy-recordings`,yr);var br=v` :host { container-type: inline-size; margin-bottom: 20px; } section { display: flex; flex-wrap: wrap; align-items: center; gap: 12px 24px; } .line { display: flex; align-items: center; gap: 12px; flex: 1 1 320px; min-width: 0; font-size: 15px; font-weight: 500; text-wrap: pretty; } .line .icon { width: 28px; height: 28px; color: var(--vp-good-text); } .line.warn .icon { color: var(--vp-warn-text); } .buttons { display: flex; gap: 8px; } button { min-height: 56px; min-width: 132px; padding: 6px 18px 6px 14px; padding-inline: 14px 18px; justify-content: flex-start; gap: 12px; text-align: start; border-radius: 16px; font-weight: 500; border: 1px solid var(--vp-line); background: var(--vp-card); transition: background 120ms; } button:hover { background: color-mix(in srgb, var(--primary-text-color) 6%, var(--vp-card)); } button .icon { width: 24px; height: 24px; color: var(--secondary-text-color); } button small { display: block; font-size: 12px; font-weight: 400; line-height: 1.2; color: var(--secondary-text-color); } button[aria-checked="true"] { border: 2px solid var(--vp-accent); background: color-mix(in srgb, var(--vp-accent) 16%, var(--vp-card)); } button[aria-checked="true"] .icon, button[aria-checked="true"] small { color: var(--primary-text-color); } @container (max-width: 640px) { .line { flex-basis: 100%; } .buttons { flex: 1; flex-wrap: wrap; } button { flex: 1 1 132px; } } `,xr=class extends h{static{this.styles=[C,br]}render(){let{house:e,satellites:t,permissions:n,may:r,unprotected:i}=this.state,a=t.filter(({id:e})=>n.control.includes(e)),o=a.length>0&&a.every(({toggles:e})=>e.muted.on),s=e.toggles.guest_mode.on,c=!!i?.length||!t.every(w)||e.store_error!==null;return l`<section aria-label=${this.t(`strip.title`)}>
      <p class="line ${c?`warn`:``}">
        ${b(c?S.shieldAlert:E(this.state)?S.lock:S.shield)}<span id="house-line"
          >${Be(this.texts,this.state)}</span
        >
      </p>
      <div class="buttons">
        ${r.guest_mode?this.button(`guest-mode`,S.guests,this.t(`consent.guest_mode`),s,e=>({toggle:`guest_mode`,on:e})):u}
        ${a.length?this.button(`mute-all`,S.muted,this.t(`microphones.mute_all`),o,e=>({toggle:`muted`,on:e,satellite_ids:a.map(({id:e})=>e)})):u}
      </div>
    </section>`}button(e,t,n,r,i){return l`<button
      id=${e}
      role="switch"
      aria-checked=${r}
      @click=${()=>void this.attempt(()=>this.connection.call(`settings/set`,i(!r)))}
    >
      ${b(t)}<span>${n}<small aria-hidden="true">${this.t(r?`strip.on`:`strip.off`)}</small></span>
    </button>`}};n(`voice-privacy-strip`,xr);var Sr=1500,Y=class extends h{constructor(...e){super(...e),this.chosen={},this.running=!1,this.times=0,this.best=0,this.wokeAt=0,this.test=0}static{this.styles=[C,Xe]}disconnectedCallback(){super.disconnectedCallback(),this.finish()}firstUpdated(e){super.firstUpdated(e),this.renderRoot.querySelector(`#start`)?.focus()}finish(e){this.test+=1,this.end?.(),this.end=void 0,this.running=!1,this.ended=e}async start(){this.finish();let e=this.test;this.running=!0,this.heard=void 0,this.times=this.best=this.wokeAt=0,this.tested=this.candidate?.id;try{let t=await this.connection.follow(`wake_words/test`,{satellite_id:this.tested,file:this.model.file},t=>{e===this.test&&this.receive(t)},({code:t})=>e===this.test&&this.finish(this.why(t)));e===this.test?this.end=t:t()}catch(t){let{code:n,placeholders:i}=r(t);e===this.test&&this.finish(this.why(n,i))}}receive(e){e.type===`ended`?this.finish(e.code===null?this.t(`wake_words.ended`):this.why(e.code)):(this.heard=e,this.best=Math.max(this.best,e.score),e.woke&&(Date.now()-this.wokeAt>Sr&&(this.times+=1),this.wokeAt=Date.now()))}why(e,t={}){let n=this.connection.nameOf(this.tested??``)??this.t(`common.removed_satellite`);return this.reasons?this.reasons(e,{name:n,...t}):this.texts.error(e)}get candidates(){return this.state.satellites.filter(({id:e})=>e in this.chosen).map(e=>({satellite:e,able:!!this.chosen[e.id]?.length&&[`listening`,`recording`].includes(e.state)}))}get candidate(){let e=this.candidates.filter(e=>e.able).map(e=>e.satellite);return e.find(({id:e})=>e===this.satelliteId)??e[0]}render(){let{candidate:e}=this;return l`<div class="start">
        <label
          >${this.t(`recordings.satellite`)}<select
            class="field"
            id="satellite"
            ?disabled=${this.running||!e}
            @change=${e=>this.satelliteId=e.target.value}
          >
            ${this.candidates.map(({satellite:t,able:n})=>l`<option value=${t.id} ?disabled=${!n} ?selected=${t.id===e?.id}>
                  ${t.name}${n?``:` (${this.unable(t)})`}
                </option>`)}
          </select></label
        >
        ${this.running?l`<button class="button" id="stop" @click=${()=>this.finish(this.t(`wake_words.ended`))}>
                ${b(S.close)}${this.t(`wake_words.stop`)}
              </button>`:l`<button class="button" id="start" ?disabled=${!e} @click=${()=>void this.start()}>
                ${b(S.listened)}${this.t(`wake_words.start`)}
              </button>`}
      </div>
      ${e?u:l`<p class="note">${b(S.microphone)}<span>${this.t(`wake_words.no_test`)}</span></p>`}
      ${this.running||this.heard?this.meters():u}
      <p class="said" role="status">${this.told()}</p>
      <p class="muted-text">${this.t(`wake_words.test_detail`)}</p>`}unable(e){return this.chosen[e.id]?.length?pe(this.texts,this.connection,e):this.t(`microphones.own_wake_word`)}told(){let e=this.times?l`<strong class="heard"
          >${b(S.done)}${this.t(`wake_words.heard`,{count:this.texts.number(this.times)})}</strong
        >`:u;return this.running?this.heard?l`<strong class="now">${this.t(`wake_words.say_now`,{phrase:this.model.phrase})}</strong> ${e}`:l`${this.t(`common.loading`)}`:this.ended?l`${e} <span>${this.ended}</span>`:u}meters(){let{level:e,score:t,threshold:n}=this.heard??{level:-70,score:0,threshold:void 0},r=this.texts.percent(t);return l`<dl>
      <dt id="level">${this.t(`wake_words.level`)}</dt>
      <dd>${A(`level`,Je(e),O(`${this.texts.number(Math.round(e))} dB`))}</dd>
      <dt id="score">${this.t(`wake_words.score`)}</dt>
      <dd>
        ${A(`score`,t,n===void 0?r:this.t(`wake_words.score_of`,{score:O(r),threshold:O(this.texts.percent(n))}),n)}
      </dd>
      <dt>${this.t(`wake_words.best`)}</dt>
      <dd><bdi id="best">${this.texts.percent(this.best)}</bdi></dd>
    </dl>`}};x([_({attribute:!1})],Y.prototype,`model`,void 0),x([_({attribute:!1})],Y.prototype,`chosen`,void 0),x([_({attribute:!1})],Y.prototype,`reasons`,void 0),x([g()],Y.prototype,`satelliteId`,void 0),x([g()],Y.prototype,`running`,void 0),x([g()],Y.prototype,`heard`,void 0),x([g()],Y.prototype,`times`,void 0),x([g()],Y.prototype,`best`,void 0),x([g()],Y.prototype,`ended`,void 0),n(`voice-privacy-wake-word-test`,Y);function Cr({status:e,reason:t}){return e===`refused`&&t===`wake_model_other_kind`}function wr(e=[]){return e.filter(({reason:e})=>e===`wake_model_not_tried`).length}function Tr(e){let t=t=>e.filter(t);return{words:[...t(({status:e})=>e!==`refused`),...t(e=>e.status===`refused`&&!Cr(e))],others:t(Cr)}}var Er=v` article { display: flex; flex-wrap: wrap; gap: 12px 20px; align-items: flex-start; padding: 16px 0; } .what { flex: 1 1 320px; min-width: 0; display: grid; gap: 4px; } .title { display: flex; flex-wrap: wrap; gap: 2px 12px; align-items: center; } h3 { font-size: 16px; font-weight: 500; overflow-wrap: anywhere; } .state .icon { width: 18px; height: 18px; } .state.ready, .state.together { color: var(--vp-good-text); } .state.refused { color: var(--vp-danger-text); } .state.hidden { color: var(--secondary-text-color); } .facts { display: flex; flex-wrap: wrap; gap: 0 16px; } .file, .hidden-by { font-size: 13px; overflow-wrap: anywhere; } .reason:not(.muted-text) { color: var(--vp-danger-text); } .deeds, .row { display: flex; flex-wrap: wrap; gap: 8px; } @media (max-width: 480px) { .deeds .icon { display: none; } } .button[aria-expanded="true"] { background: var(--vp-tint); border-color: var(--vp-accent); } .button.danger-quiet[aria-expanded], .button.danger-quiet[aria-expanded]:hover:not(:disabled) { background: var(--vp-card); } .button.danger-quiet[aria-expanded="true"], .button.danger-quiet[aria-expanded]:hover:not(:disabled) { border-color: currentColor; } .panel { flex: 1 0 100%; min-width: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 12px; padding: 16px; border-radius: 10px; background: color-mix(in srgb, var(--primary-text-color) 4%, transparent); overflow-wrap: anywhere; } fieldset { border: 0; margin: 0; padding: 0; min-width: 0; } legend { padding: 0; margin-bottom: 4px; font-weight: 500; } .box-row { display: flex; gap: 12px; align-items: center; min-height: 40px; cursor: pointer; } @media (pointer: coarse) { .button, .box-row { min-height: 48px; } .button { border-radius: 24px; } } `;function Dr(e){return e.split(/[\s_-]+/).filter(Boolean).join(` `).toLowerCase()}var Or={openwakeword:`openWakeWord`,micro:`microWakeWord`},kr=1,Ar=4,X=class extends h{constructor(...e){super(...e),this.chosen={},this.busy=!1}static{this.styles=[C,Er]}toggle(e){this.show(this.panel===e?void 0:e)}show(e){this.refusal=void 0,this.left=e?void 0:this.panel,this.emit(`vp-panel`,{file:this.model.file,panel:e})}updated(e){if(super.updated(e),!e.has(`panel`))return;let t=this.panel?`.panel [data-first]`:this.left&&`#${this.left}`;t&&this.renderRoot.querySelector(t)?.focus(),this.left=void 0}onKey(e){e.key===`Escape`&&(e.stopPropagation(),this.show())}async act(e){this.busy=!0,this.refusal=void 0;try{return await e(),!0}catch(e){let{code:t,placeholders:n}=r(e);return this.refusal=this.reasons?this.reasons(t,n):this.texts.error(t),!1}finally{this.busy=!1}}async choose(e,t){let n=e.target,r=n.checked,i=(this.chosen[t]??[]).filter(e=>!this.isThis(e)),a=r?[...i,this.model.wake_word]:i;await this.act(async()=>{await this.connection.call(`wake_words/choose`,{satellite_id:t,wake_words:a}),this.emit(`vp-chosen`,{satelliteId:t,words:a}),this.notify(this.t(`retention.chosen`))})||(n.checked=!r)}async removeModel(){let{file:e}=this.model;await this.act(async()=>{await this.connection.call(`wake_words/remove`,{file:e}),this.notify(this.t(`wake_words.removed`,{file:e})),this.emit(`vp-removed`)})}render(){let{phrase:e,status:t,file:n,size:r,engine:i,cost:a,own:o,removable:s}=this.model,c=[i?Or[i]:void 0,o&&t===`refused`?void 0:this.t(o?`wake_words.own`:`wake_words.published`),this.texts.size(r),a===null?void 0:this.cost(a)].filter(e=>e!==void 0);return l`<article aria-labelledby="phrase">
      <div class="what">
        <div class="title">
          <h3 id="phrase"><bdi>${e}</bdi></h3>
          ${this.status()}
        </div>
        <p class="facts muted-text">${c.map(e=>l`<span>${e}</span>`)}</p>
        <p class="file muted-text">
          <bdi><code>${n}</code></bdi>
        </p>
        ${t===`refused`?l`<p class="reason ${this.other?`muted-text`:``}">${this.reason()}</p>`:u}
        ${this.beside?l`<p class="muted-text hidden-by">
                ${this.t(t===`together`?`wake_words.together_detail`:`wake_words.hidden_detail`,{file:`\u2068${this.model.used_file??``}\u2069`})}
              </p>`:t===`ready`||this.users.length?l`<p class="used">${this.usedBy()}</p>`:u}
      </div>
      <div class="deeds">
        ${t===`refused`?u:this.deed(`test`,S.listened,`wake_words.test`)}
        ${t===`ready`||t===`refused`&&this.users.length?this.deed(`choose`,S.microphone,`wake_words.choose`):u}
        ${s||!this.beside&&(this.users.length||this.model.pipeline)?this.deed(`remove`,S.deleted,`wake_words.remove`):u}
      </div>
      ${this.panel?l`<div class="panel" @keydown=${this.onKey}>
              ${{choose:()=>this.choosing(),remove:()=>this.removing(),test:()=>this.testing()}[this.panel]()}
              ${this.refusal?l`<p class="note warn" role="alert">${b(S.alert)}<span>${this.refusal}</span></p>`:u}
            </div>`:u}
    </article>`}deed(e,t,n){return l`<button
      class="button ${e===`remove`?`danger-quiet`:``}"
      id=${e}
      aria-expanded=${this.panel===e}
      @click=${()=>this.toggle(e)}
    >
      ${b(t)}${this.t(n)}<span class="sr"> ${this.model.phrase}, ${this.model.file}</span>
    </button>`}get beside(){return this.model.status===`hidden`||this.model.status===`together`}get other(){return Cr(this.model)}status(){let e=this.other?`hidden`:this.model.status,[t,n]={ready:[S.done,`wake_words.ready`],refused:[S.alert,`wake_words.refused`],hidden:[S.listed,this.other?`wake_words.other`:`wake_words.hidden`],together:[S.done,`wake_words.together`]}[e];return l`<span class="state ${e}">${b(t)}${this.t(n)}</span>`}cost(e){let t=this.texts.number(e,{style:`unit`,unit:`millisecond`,maximumSignificantDigits:2}),n=e<=kr?this.t(`wake_words.load_low`):this.t(e<=Ar?`wake_words.load_moderate`:`wake_words.load_high`);return this.t(`wake_words.cost`,{cost:t,load:n})}reason(){let{reason:e,reason_placeholders:t}=this.model,n=e??`wake_model`;return this.reasons?this.reasons(n,t):``}isThis(e){return Dr(e)===Dr(this.model.wake_word)}get users(){return this.model.satellites.map(e=>this.connection.nameOf(e)??this.t(`common.removed_satellite`))}usedBy(){let{users:e}=this,{pipeline:t}=this.model;return[e.length?this.t(`wake_words.used_by`,{satellites:this.texts.list(e)}):``,t?this.t(`wake_words.used_by_pipeline`,{pipeline:`\u2068${t}\u2069`}):``].filter(Boolean).join(` · `)||this.t(`wake_words.unused`)}choosing(){let e=Object.keys(this.chosen).filter(e=>this.connection.nameOf(e)!==void 0),t=this.state.satellites.filter(({id:t})=>!e.includes(t)).map(({name:e})=>e);return l`<fieldset>
        <legend>${this.t(`wake_words.choose_legend`,{phrase:this.model.phrase})}</legend>
        ${e.map((e,t)=>l`<label class="box-row"
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
      ${e.length?u:l`<p>${this.t(`wake_words.no_satellite`)}</p>`}
      <p class="muted-text">${this.t(`wake_words.choose_detail`)}</p>
      ${t.length?l`<p class="muted-text">${this.t(`wake_words.not_listed`,{satellites:this.texts.list(t)})}</p>`:u}
      ${this.close(!e.length)}`}removing(){let{file:e,pipeline:t}=this.model,{users:n}=this;return(n.length||t)&&!this.beside?l`${n.length?l`<p>${this.t(`wake_words.in_use`,{satellites:this.texts.list(n)})}</p>`:u}
      ${t?l`<p>${this.t(`wake_words.in_pipeline`,{pipeline:`\u2068${t}\u2069`})}</p>`:u}
      ${this.close(!0)}`:l`<p>${this.t(`wake_words.remove_question`,{file:`\u2068${e}\u2069`})}</p>
      <div class="row">
        <button class="button" data-first @click=${()=>this.show()}>${this.t(`common.cancel`)}</button>
        <button
          class="button danger"
          id="confirm-remove"
          ?disabled=${this.busy}
          @click=${()=>void this.removeModel()}
        >
          ${b(S.deleted)}${this.t(`wake_words.remove`)}
        </button>
      </div>`}testing(){return l`<voice-privacy-wake-word-test
        .connection=${this.connection}
        .texts=${this.texts}
        .reasons=${this.reasons}
        .model=${this.model}
        .chosen=${this.chosen}
      ></voice-privacy-wake-word-test>
      ${this.close(!1)}`}close(e){return l`<div class="row">
      <button class="button" ?data-first=${e} @click=${()=>this.show()}>${this.t(`common.close`)}</button>
    </div>`}};x([_({attribute:!1})],X.prototype,`model`,void 0),x([_({attribute:!1})],X.prototype,`chosen`,void 0),x([_({attribute:!1})],X.prototype,`reasons`,void 0),x([_({attribute:!1})],X.prototype,`panel`,void 0),x([g()],X.prototype,`busy`,void 0),x([g()],X.prototype,`refusal`,void 0),n(`voice-privacy-wake-word`,X);function jr(e){return e.name.replace(/\.\w+$/,``).toLowerCase()}function Mr(e,...t){return t.some(t=>e.name.toLowerCase().endsWith(t))}function Nr(e){let t=e.filter(e=>Mr(e,`.json`)),n=e.filter(e=>Mr(e,`.onnx`,`.tflite`)),r={uploads:[],refused:[]},i=n.filter(e=>Mr(e,`.tflite`)),a=new Set;for(let e of n){let n;Mr(e,`.tflite`)&&(n=t.find(t=>jr(t)===jr(e)),!n&&i.length===1&&t.length===1&&(n=t[0])),n&&a.add(n),e.size>16777216?r.refused.push({file:e,key:`wake_words.too_large`}):r.uploads.push({model:e,...n?{manifest:n}:{}})}for(let i of e){if(n.includes(i)||a.has(i))continue;let e=t.includes(i)?`wake_words.manifest_alone`:`wake_words.choose_model`;r.refused.push({file:i,key:e})}return r}var Pr=v` :host { margin-top: 16px; } .card { padding: 20px; } .card > * + *:not(.progress), .progress > * { margin-top: 12px; } .card.over { outline: 2px dashed var(--vp-accent); outline-offset: -6px; } .head { display: flex; flex-wrap: wrap; gap: 12px 16px; align-items: flex-start; justify-content: space-between; } .head div { flex: 1 1 240px; min-width: 0; } h2 { font-size: 17px; font-weight: 500; outline-offset: 4px; } .drop { display: none; gap: 10px; align-items: center; padding: 10px 14px; border: 1px dashed color-mix(in srgb, var(--primary-text-color) 30%, transparent); border-radius: 10px; color: var(--secondary-text-color); } @media (hover: hover) and (pointer: fine) { .drop { display: flex; } } .over .drop { border-color: var(--vp-accent); color: var(--primary-text-color); background: var(--vp-tint); } .progress .note, .fault { overflow-wrap: anywhere; } .note.done { background: color-mix(in srgb, var(--vp-good-text) 12%, transparent); } .note.done .icon { color: var(--vp-good-text); } .bar { height: 6px; border-radius: 3px; overflow: hidden; background: color-mix(in srgb, var(--primary-text-color) 12%, transparent); } .bar i { display: block; width: 35%; height: 100%; border-radius: 3px; background: var(--vp-accent); animation: travel 1.1s ease-in-out infinite alternate; } @keyframes travel { to { margin-inline-start: 65%; } } ul { list-style: none; margin-bottom: 0; padding: 0; } details { border-top: 1px solid var(--vp-line); } summary { padding: 14px 0; color: var(--secondary-text-color); cursor: pointer; } li + li { border-top: 1px solid var(--vp-line); } .empty { padding: 32px 16px; } .empty h3 { font-size: 16px; font-weight: 500; color: var(--primary-text-color); } .foot { font-size: 13px; overflow-wrap: anywhere; } .failed { flex-wrap: wrap; align-items: center; } .note a { color: inherit; font-weight: 500; } @media (pointer: coarse) { .button { min-height: 48px; border-radius: 24px; } } `,Z=class extends h{constructor(...e){super(...e),this.messages=[],this.over=!1,this.asked=0,this.pick=()=>{this.renderRoot.querySelector(`input[type=file]`)?.click()}}static{this.styles=[C,Pr]}willUpdate(e){super.willUpdate(e),e.has(`texts`)&&this.admin&&this.loadSentences(),this.follow()}follow(){if(!this.admin||this.connection.status!==`ready`){this.seen=void 0;return}let e=JSON.stringify(this.state.satellites.map(({id:e,name:t,silence_reason:n,wake_words:r})=>[e,t,m.find(e=>e===n),r.map(e=>[e.id,e.available])]));e!==this.seen&&(this.seen=e,this.load())}async loadSentences(){this.reasons=await Ye(this.connection,this.texts)}async load(){let e=this.asked+=1;try{let{models:t=[],complete:n=!0,folder:r=``,satellites:i={}}=await this.connection.call(`wake_words/list`);if(e!==this.asked)return;let a=wr(this.answer?.models);this.answer={models:t,complete:n,folder:r,satellites:i};let o=wr(t);o&&(!a||o<a)&&this.load(),this.failure=void 0}catch(t){if(e!==this.asked)return;this.failure=r(t)}}async add(e){if(this.sending!==void 0||!e.length)return;let{uploads:t,refused:n}=Nr(e);this.messages=n.map(({file:e,key:t})=>({name:e.name,text:this.t(t),refused:!0}));for(let e of t)await this.upload(e);this.sending=void 0,await this.load()}async upload({model:e,manifest:t}){this.sending=e.name;let n=new FormData;n.append(`model`,e,e.name),t&&n.append(`manifest`,t,t.name);let i;try{let{file:e}=await this.connection.send(`wake_words`,n);i={name:e,text:this.t(`wake_words.uploaded`),refused:!1}}catch(t){i={name:e.name,text:this.why(r(t)),refused:!0}}this.messages=[...this.messages,i]}why({code:e,placeholders:t}){return this.reasons?this.reasons(e,t):this.texts.error(e)}chosenFiles(e){let t=e.target,n=[...t.files??[]];t.value=``,this.add(n)}onDrag(e){e.dataTransfer?.types.includes(`Files`)&&(e.preventDefault(),this.over=e.type===`dragover`)}onDrop(e){e.preventDefault(),this.over=!1,this.add([...e.dataTransfer?.files??[]])}onPanel({detail:{file:e,panel:t}}){this.open=t&&{file:e,panel:t}}onChosen({detail:{satelliteId:e,words:t}}){let{answer:n}=this;n&&(this.answer={...n,satellites:{...n.satellites,[e]:t}}),this.load()}async onRemoved(){this.open=void 0,await this.load(),this.renderRoot.querySelector(`h2`)?.focus()}render(){return this.admin?l`<section
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
          ${b(S.upload)}${this.t(`wake_words.upload`)}
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
      <p class="drop">${b(S.upload)}<span>${this.t(`wake_words.drop`)}</span></p>
      ${this.progress()} ${this.content()} ${this.answer?this.foot(this.answer):u}
    </section>`:u}foot({folder:e,models:t}){let n=t.some(({engine:e,cost:t})=>e===`openwakeword`&&t!==null);return l`<p class="muted-text foot">
      ${n?l`${this.t(`wake_words.shared_cost`)}<br />`:u} ${this.t(`wake_words.folder`)}
      <bdi><code>${e}</code></bdi>
    </p>`}progress(){return l`<div class="progress" role="status">
      ${this.sending===void 0?u:l`<p>${this.t(`wake_words.uploading`,{file:`\u2068${this.sending}\u2069`})}</p>
              <div class="bar"><i></i></div>`}
      ${this.messages.map(({name:e,text:t,refused:n})=>l`<p class="note ${n?`warn`:`done`}">
            ${b(n?S.alert:S.done)}<span><bdi>${e}</bdi>: ${t}</span>
          </p>`)}
    </div>`}faults(e){let{satellites:t}=this.state,n=[];t.some(({silence_reason:e})=>e===`engine_unavailable`)&&n.push(this.t(`state.engine_unavailable`));let r=new Set(e.models.map(({wake_word:e})=>Dr(e))),i=new Map;for(let{id:n,name:a,wake_words:o}of t)for(let t of e.satellites[n]??[]){if(r.has(Dr(t)))continue;let e=o.find(e=>e.id===t)?.phrase??t;i.set(e,[...i.get(e)??[],a])}for(let[e,t]of i)n.push(this.t(`wake_words.missing`,{phrase:e,satellites:this.texts.list(t)}));return e.complete||n.push(this.t(`wake_words.incomplete`)),n.map(e=>l`<p class="note warn fault">${b(S.alert)}<span>${e}</span></p>`)}content(){let{answer:e,failure:t}=this;return t&&(!e||t.code!==`not_loaded`)?t.code===`wake_engine_unavailable`?l`<p class="note warn" role="alert">${b(S.alert)}<span>${this.why(t)}</span></p>`:bt(this.texts,t,()=>void this.load()):e?l`${this.faults(e)} ${Object.keys(e.satellites).length?u:this.noSatellite()}
    ${e.models.length?this.list(e):this.noModel()}`:l`<div class="progress" role="status">
        <p>${this.t(`wake_words.checking`)}</p>
        <div class="bar"><i></i></div>
      </div>`}noSatellite(){return l`<p class="note no-satellite">
      ${b(S.microphone)}<span
        >${this.t(`wake_words.no_satellite`)}
        <a href="/config/integrations/integration/voice_privacy">${this.t(`microphones.add`)}</a></span
      >
    </p>`}noModel(){return l`<div class="empty">
      <span class="hero">${b(S.listened)}</span>
      <h3>${this.t(`wake_words.none`)}</h3>
      <p>${this.t(`wake_words.none_detail`)}</p>
    </div>`}list({models:e,satellites:t}){let{words:n,others:r}=Tr(e),i=e=>l`<li>
        <voice-privacy-wake-word
          .connection=${this.connection}
          .texts=${this.texts}
          .reasons=${this.reasons}
          .model=${e}
          .chosen=${t}
          .panel=${this.open?.file===e.file?this.open.panel:void 0}
        ></voice-privacy-wake-word>
      </li>`;return l`<div @vp-panel=${this.onPanel} @vp-chosen=${this.onChosen} @vp-removed=${()=>void this.onRemoved()}>
      <ul>
        ${n.map(i)}
      </ul>
      ${r.length?l`<details>
              <summary>${this.t(`wake_words.others`,{count:this.texts.number(r.length)})}</summary>
              <ul>
                ${r.map(i)}
              </ul>
            </details>`:u}
    </div>`}};x([g()],Z.prototype,`answer`,void 0),x([g()],Z.prototype,`failure`,void 0),x([g()],Z.prototype,`reasons`,void 0),x([g()],Z.prototype,`sending`,void 0),x([g()],Z.prototype,`messages`,void 0),x([g()],Z.prototype,`over`,void 0),x([g()],Z.prototype,`open`,void 0),n(`voice-privacy-wake-words`,Z);var Fr=v` :host { position: relative; min-height: 100vh; background: var(--primary-background-color); --vp-header-height: calc(112px + env(safe-area-inset-top)); } header.top { position: sticky; top: 0; z-index: 4; background: var(--primary-background-color); border-bottom: 1px solid var(--vp-line); padding-top: env(safe-area-inset-top); container-type: inline-size; } .short { display: none; } .title { display: flex; align-items: center; gap: 4px; height: 60px; padding: 0 8px; } .title h1 { font-size: 20px; font-weight: 500; flex: 1; min-width: 0; padding-inline-start: 8px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; } .quiet { min-height: 48px; min-width: 48px; padding: 0 12px; border-radius: 24px; color: var(--secondary-text-color); } .quiet:hover { background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); color: var(--primary-text-color); } ha-menu-button { flex: none; --ha-icon-button-size: 48px; } nav { display: flex; flex-wrap: wrap; padding: 0 max(12px, calc((100% - 1200px) / 2 + 12px)); } nav button { position: relative; min-height: 51px; padding: 0 16px; font-weight: 500; white-space: nowrap; color: var(--secondary-text-color); } nav button[aria-selected="true"] { color: var(--primary-text-color); } nav button[aria-selected="true"]::after { content: ""; position: absolute; inset-inline: 12px; bottom: 0; height: 3px; border-radius: 3px 3px 0 0; background: var(--vp-accent); } nav button:focus-visible { outline-offset: -4px; border-radius: 8px; } .main { display: block; max-width: 1200px; margin: 0 auto; padding: 20px 24px calc(40px + env(safe-area-inset-bottom)); outline: none; } @container (max-width: 719px) { .long { display: none; } .short { display: inline; } nav { padding: 0 4px; } nav button { padding: 0 10px; flex: 1 0 auto; } } @container (max-width: 479px) { nav button { min-height: 48px; padding: 0 6px; font-size: 13px; } } @media (max-width: 600px) { .banner { padding: 10px 16px; } .main { padding: 14px 16px calc(40px + env(safe-area-inset-bottom)); } } .banner { display: flex; align-items: center; gap: 10px; padding: 10px max(24px, calc((100% - 1200px) / 2 + 24px)); } .offline { background: color-mix(in srgb, var(--vp-warn-text) 14%, var(--primary-background-color)); } .guests { background: color-mix(in srgb, var(--vp-accent) 14%, var(--primary-background-color)); } .toast { position: fixed; z-index: 5; inset-inline: 0; bottom: calc(24px + env(safe-area-inset-bottom)); display: flex; justify-content: center; pointer-events: none; } .toast span { max-width: min(560px, calc(100vw - 32px)); padding: 12px 20px; border-radius: 24px; background: var(--primary-text-color); color: var(--primary-background-color); box-shadow: 0 8px 24px rgba(0, 0, 0, 0.3); } .toast:empty { display: none; } .skip { position: absolute; inset-inline-start: 8px; top: -60px; z-index: 6; background: var(--vp-card); padding: 12px; border-radius: 8px; } .skip:focus { top: 8px; } `,Q=[`timeline`,`rooms`,`privacy`],Ir={recordings:[`timeline`],microphones:[`rooms`],consent:[`privacy`],review:[`privacy`,`review`],log:[`privacy`,`log`],options:[`privacy`,`options`]},Lr=6e3,$=class extends xe{constructor(...e){super(...e),this.narrow=!1,this.tab=`timeline`,this.headerSize=new ResizeObserver(([e])=>this.style.setProperty(`--vp-header-height`,`${e.borderBoxSize[0].blockSize}px`))}static{this.styles=[C,Fr]}set route(e){let t=e.path.slice(1),n=Q.find(e=>e===t),[r,i]=n?[n]:Ir[t]??[`timeline`];this.tab=r,this.place=i}disconnectedCallback(){super.disconnectedCallback(),clearTimeout(this.toastTimer),this.headerSize.disconnect()}go(e){history.pushState(null,``,`/voice-privacy/${e}`),this.tab=e,this.place=void 0,window.dispatchEvent(new CustomEvent(`location-changed`,{detail:{replace:!1}})),window.scrollTo(0,0)}onTabKey(e){let t=getComputedStyle(this).direction===`rtl`?`ArrowLeft`:`ArrowRight`,n=t===`ArrowRight`?`ArrowLeft`:`ArrowRight`,r={[t]:1,[n]:-1}[e.key];r&&(e.preventDefault(),this.go(Q[(Q.indexOf(this.tab)+r+Q.length)%Q.length]),this.updateComplete.then(()=>this.renderRoot.querySelector(`[aria-selected=true]`)?.focus()))}async delete(e){await this.renderRoot.querySelector(`voice-privacy-deletion`)?.ask(e.detail)}deleted(e){e.detail&&this.renderRoot.querySelector(`voice-privacy-recordings`)?.focusList()}notify(e){this.toast=e.detail,clearTimeout(this.toastTimer),this.toastTimer=setTimeout(()=>this.toast=void 0,Lr)}updated(e){super.updated(e),this.texts&&(this.lang=this.texts.language);let t=this.renderRoot.querySelector(`header`);t&&this.headerSize.observe(t)}render(){let{texts:e,connection:t}=this;return!e||!t?u:l`<a class="skip" href="#main" @click=${this.skip}>${e.get(`common.skip`)}</a>
      <header class="top">
        <div class="title">
          <ha-menu-button .hass=${this.hass} .narrow=${this.narrow}></ha-menu-button>
          <h1>${e.get(`page.title`)}</h1>
          ${t.state&&this.tab===`timeline`?this.manage(e,t.state):u}
        </div>
        <nav role="tablist" aria-label=${e.get(`page.title`)} @keydown=${this.onTabKey}>
          ${Q.map(t=>l`<button
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
        ${t.status!==`ready`&&t.state?l`<div class="banner offline" role="status">
                ${b(S.offline)}<span
                  >${e.get(t.status===`offline`?`page.offline`:`page.restarting`)}</span
                >
              </div>`:u}
        ${t.state?.house.toggles.guest_mode.on?l`<div class="banner guests" role="status">
                ${b(S.guests)}<span>${e.get(`page.guest_mode`)}</span>
              </div>`:u}
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
        ${t.state?l`<voice-privacy-strip .connection=${t} .texts=${e}></voice-privacy-strip>
                ${this.content(e,t)}`:this.waiting(e,t)}
      </div>
      ${t.state?l`<voice-privacy-deletion
                .connection=${t}
                .texts=${e}
                @vp-closed=${this.deleted}
              ></voice-privacy-deletion>
              <voice-privacy-manage
                .connection=${t}
                .texts=${e}
                @vp-delete=${this.delete}
              ></voice-privacy-manage>`:u}
      <div class="toast" role="status">${this.toast?l`<span>${this.toast}</span>`:u}</div>`}fitting(e,t){return l`<span class="long">${e.get(t)}</span><span class="short">${e.get(`${t}_short`)}</span>`}manage(e,{permissions:t}){return!t.admin&&!t.control.length?u:l`<button class="quiet" id="manage" @click=${()=>void this.renderRoot.querySelector(`voice-privacy-manage`)?.open()}>
      ${b(S.more)}${this.fitting(e,`manage.open`)}
    </button>`}skip(e){e.preventDefault(),this.renderRoot.querySelector(`#main`)?.focus()}content(e,t){switch(this.tab){case`timeline`:return l`<voice-privacy-first-run .connection=${t} .texts=${e}></voice-privacy-first-run>
          <voice-privacy-recordings .connection=${t} .texts=${e}></voice-privacy-recordings>`;case`rooms`:return l`<voice-privacy-microphones .connection=${t} .texts=${e}></voice-privacy-microphones>
          <voice-privacy-levels .connection=${t} .texts=${e}></voice-privacy-levels>
          <voice-privacy-wake-words .connection=${t} .texts=${e}></voice-privacy-wake-words>`;case`privacy`:return l`<voice-privacy-privacy
          .connection=${t}
          .texts=${e}
          .place=${this.place}
        ></voice-privacy-privacy>`}}waiting(e,t){let n={not_loaded:`page.not_loaded`,failed:`page.failed`,offline:`page.offline`}[t.status];return l`<div class="card empty" role="status">
      <span class="hero">${b(n?S.offline:S.shield)}</span>
      <h2>${e.get(n??`common.loading`)}</h2>
      ${t.status===`not_loaded`?l`<p>${e.get(`page.not_loaded_detail`)}</p>`:u}
    </div>`}};x([_({type:Boolean})],$.prototype,`narrow`,void 0),x([g()],$.prototype,`tab`,void 0),x([g()],$.prototype,`place`,void 0),x([g()],$.prototype,`toast`,void 0),n(`voice-privacy-page`,$);export{$ as VoicePrivacyPage};