import{A as e,C as t,D as n,H as r,W as i,a,b as o,c as s,d as c,m as l,n as u,q as d,r as f,t as p,w as m,x as h,y as g,z as _}from"./shared-DW5-f9te.js";var v={satellites:[],rows:3,show_transcripts:!1,show_play:!1,wall_tablet:!1};function y(){let{rows:e,show_transcripts:t,show_play:n,wall_tablet:r}=v;return{rows:e,show_transcripts:t,show_play:n,wall_tablet:r}}function b(t){let{rows:n,show_transcripts:r,show_play:i,wall_tablet:a}=v;return{schema:[{name:`title`,get default(){return t()?.get(`page.title`)},selector:{text:{}}},{name:`satellites`,selector:{device:{multiple:!0,filter:{integration:e}}}},{name:`rows`,default:n,selector:{number:{min:0,max:10,mode:`box`}}},{name:`show_transcripts`,default:r,selector:{boolean:{}}},{name:`show_play`,default:i,selector:{boolean:{}}},{name:`wall_tablet`,default:a,selector:{boolean:{}}}],computeLabel:({name:e})=>t()?.get(`card.option_${e}`)||e,computeHelper:({name:e})=>t()?.get(`card.option_${e}_detail`)||void 0}}function x(e){let t=Object.entries(e).filter(([,e])=>e!=null),n={...v,...Object.fromEntries(t)};if(!Number.isInteger(n.rows)||n.rows<0||n.rows>10)throw Error(`rows: 0 to 10`);return n}var S=d` .box { height: 100%; padding: 16px; display: flex; flex-direction: column; gap: 12px; } .head { display: flex; align-items: center; gap: 8px; } .head h2 { flex: 1; font-size: 16px; font-weight: 500; } .line { display: flex; align-items: center; gap: 12px; min-height: 44px; } .line > span:not(.badge, .shape) { flex: 1; min-width: 0; } .line b, .line small { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .line b { font-weight: 500; } .line small { font-size: 12px; color: var(--secondary-text-color); } label.line small { white-space: normal; } .rows { border-top: 1px solid var(--vp-line); padding-top: 8px; } .rows .wave { height: 24px; } .rows .shape { width: 90px; flex: none; } .play { width: 40px; height: 40px; } .foot { display: flex; flex-wrap: wrap; gap: 8px; margin-top: auto; } .foot .button { flex: 1 0 auto; min-height: 38px; padding: 0 12px; } a { color: inherit; text-decoration: none; } .wall .line { min-height: 72px; gap: 18px; font-size: 18px; } .wall .line small { font-size: 15px; white-space: normal; } .wall .badge { width: 56px; height: 56px; } .wall .badge .icon { width: 32px; height: 32px; } .wall input[role="switch"] { zoom: 1.35; } @media (pointer: coarse) { .line, .foot .button, .head .button { min-height: 48px; } .play { width: 48px; height: 48px; } } `,C=`voice-privacy-card`,w=class extends p{constructor(...e){super(...e),this.rows=[],this.listened=!1}static{this.styles=[g,S]}static getStubConfig(){return y()}static getConfigForm(){return b(()=>T)}setConfig(e){let t=this.config;this.config=x(e);let{rows:n,show_transcripts:r}=this.config;t&&(t.rows!==n||t.show_transcripts!==r)&&this.load()}getCardSize(){return 3+(this.config??v).rows}getGridOptions(){return{columns:12,min_columns:6,rows:`auto`,min_rows:3}}created(e){this.player=new f(e,()=>this.requestUpdate(),e=>this.tell(this.texts.error(e.code)))}translated(e){super.translated(e),T=e}disconnectedCallback(){super.disconnectedCallback(),this.player?.stop()}stateChanged(){let e=this.connection.state?.permissions.listen??!1;e&&!this.listened&&this.load(),e||(this.rows=[]),this.listened=e,this.requestUpdate()}recordingsAdded(){this.load()}recordingsDeleted(e){this.player?.id&&e.includes(this.player.id)&&this.player.stop(),this.rows=this.rows.filter(t=>!e.includes(t.id)),this.load()}recordingsReset(){this.load()}async load(){let{rows:e,show_transcripts:t,wall_tablet:r}=this.config??v;if(r||!this.connection?.state?.permissions.listen||e<1)this.rows=[];else try{this.rows=(await this.connection.call(`recordings/list`,{limit:e,content:t})).recordings}catch(e){this.tell(this.texts?.error(n(e).code)??``)}}tell(e){this.message=e}async set(e,t){let r=e.target,{checked:i}=r;this.message=void 0;try{await this.connection.call(`settings/set`,t(i))}catch(e){this.tell(this.texts.error(n(e).code)),r.checked=!i}}play({id:e}){this.message=void 0,this.player.toggle(e)}ask(e){this.renderRoot.querySelector(`voice-privacy-card-deletion`)?.ask(e)}render(){let{texts:e,connection:t,config:n}=this;if(!e||!t||!n)return r;let{state:a}=t;return i`<ha-card
        ><div class="box ${n.wall_tablet?`wall`:``}">
          <div class="head">
            ${o(h.shield)}
            <h2>${n.title||e.get(`page.title`)}</h2>
            ${n.wall_tablet?r:i`<a class="button" href="/voice-privacy/recordings">${e.get(`card.open`)}</a>`}
          </div>
          ${a?this.body(e,t):i`<p class="muted-text" role="status">${e.get(t.status===`not_loaded`?`page.not_loaded`:`common.loading`)}</p>`}
          ${this.message?i`<p class="note warn" role="alert">${o(h.alert)}${this.message}</p>`:r}
        </div></ha-card
      >
      ${a?i`<voice-privacy-card-deletion .connection=${t} .texts=${e}></voice-privacy-card-deletion>`:r}`}body(e,t){let{permissions:n,may:c,satellites:l,house:u}=t.state,d=this.config.satellites,f=d.length?l.filter(e=>d.includes(e.id)||d.includes(e.device_id??``)):l,p=f.filter(e=>n.control.includes(e.id)).map(e=>e.id),m=f.length===l.length&&n.admin?{}:{satellite_ids:p};return i`<div>
        ${f.map(r=>i`<label class="line">
              ${a(r)}<span
                ><b><bdi>${r.name}</bdi></b
                ><small>${s(e,t,r)}</small></span
              >
              <input
                type="checkbox"
                role="switch"
                class="switch"
                ?disabled=${!n.control.includes(r.id)}
                .checked=${!r.toggles.muted.on}
                @change=${e=>void this.set(e,e=>({toggle:`muted`,on:!e,satellite_ids:[r.id]}))}
              />
            </label>`)}
        <label class="line">
          <span class="badge ${u.toggles.guest_mode.on?`listening`:`muted`}">${o(h.lock)}</span
          ><span><b>${e.get(`consent.guest_mode`)}</b><small>${this.guestMode(e,t)}</small></span>
          <input
            type="checkbox"
            role="switch"
            class="switch"
            ?disabled=${!c.guest_mode}
            .checked=${u.toggles.guest_mode.on}
            @change=${e=>void this.set(e,e=>({toggle:`guest_mode`,on:e}))}
          />
        </label>
      </div>
      ${this.config.wall_tablet?r:this.kept(e,t,p,m)}`}kept(e,t,n,a){return i`${this.rows.length?i`<div class="rows" role="list">
            ${this.rows.map(n=>this.row(e,t,n))}
          </div>`:i`<p class="muted-text">${e.count(`recordings`,t.state.house.recordings)}</p>`}
    ${n.length?i`<div class="foot">
            <button
              class="button"
              @click=${()=>this.ask({title:e.get(`delete.title_last`),request:{scope:`last`,...a}})}
            >
              ${e.get(`card.delete_last`)}
            </button>
            <button
              class="button"
              @click=${()=>this.ask({title:e.get(`delete.title_today`),request:{scope:`today`,...a}})}
            >
              ${e.get(`card.delete_today`)}
            </button>
          </div>`:r}`}guestMode(e,t){let{toggles:n}=t.state.house;return n.guest_mode.on?e.get(`card.guest_mode_on`):e.get(`card.guest_mode_off`,c(t.state))}row(e,t,n){let a=t.nameOf(n.satellite_id)??e.get(`common.removed_satellite`),s=`${e.time(n.started_at)}, ${a}`,c=this.player.id===n.id,l=c&&this.player.state!==`paused`;return i`<div class="line" role="listitem">
      ${this.config.show_play?i`<button
              class="play ${c?`active`:``}"
              aria-label=${e.get(l?`recordings.pause`:`recordings.play`,{recording:s})}
              @click=${()=>this.play(n)}
            >
              ${o(l?h.pause:h.play)}
            </button>`:r}
      <span
        ><b dir="auto">${n.transcript??s}</b
        ><small>${n.transcript?s:e.seconds(n.seconds)}</small></span
      >
      ${n.peaks?i`<span
              class="shape"
              dir="ltr"
              style="--progress:${c?this.player.progress*100:0}%;--played:${c?`visible`:`hidden`}"
              >${u(n.peaks)}</span
            >`:r}
    </div>`}};m([_()],w.prototype,`rows`,void 0),m([_()],w.prototype,`message`,void 0),m([_()],w.prototype,`config`,void 0);var T;t(`voice-privacy-card-deletion`,l),t(C,w);var E=window;E.customCards=E.customCards??[],E.customCards.some(e=>e.type===C)||E.customCards.push({type:C,name:`Voice privacy`,description:`Microphones, guest mode, and the last recordings`,preview:!0,getEntitySuggestion:(e,t)=>e.entities?.[t]?.platform===`voice_privacy`?{config:{type:`custom:${C}`}}:null});export{w as VoicePrivacyCard};