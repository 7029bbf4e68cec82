import{C as e,D as t,J as n,K as r,U as i,Z as a,a as o,b as s,c,d as l,j as u,m as d,n as f,r as p,t as m,w as h,x as g,y as _}from"./shared-8iknyB_z.js";var v={satellites:[],rows:3,show_transcripts:!1,show_play:!1,wall_tablet:!1};function y(){let{rows:e,show_transcripts:t,show_play:n,wall_tablet:r}=v;return{rows:e,show_transcripts:t,show_play:n,wall_tablet:r}}function b(e){let{rows:t,show_transcripts:n,show_play:r,wall_tablet:i}=v;return{schema:[{name:`title`,get default(){return e()?.get(`page.title`)},selector:{text:{}}},{name:`satellites`,selector:{device:{multiple:!0,filter:{integration:u}}}},{name:`rows`,default:t,selector:{number:{min:0,max:10,mode:`box`}}},{name:`show_transcripts`,default:n,selector:{boolean:{}}},{name:`show_play`,default:r,selector:{boolean:{}}},{name:`wall_tablet`,default:i,selector:{boolean:{}}}],computeLabel:({name:t})=>e()?.get(`card.option_${t}`)||t,computeHelper:({name:t})=>e()?.get(`card.option_${t}_detail`)||void 0}}function x(e){let t=Object.entries(e).filter(([,e])=>e!=null),n={...v,...Object.fromEntries(t)};if(!Number.isInteger(n.rows)||n.rows<0||n.rows>10)throw Error(`rows: 0 to 10`);return n}var S=a` .box { height: 100%; padding: 16px; display: flex; flex-direction: column; gap: 12px; } .head { display: flex; align-items: center; gap: 8px; } .head h2 { flex: 1; font-size: 16px; font-weight: 500; } .line { display: flex; align-items: center; gap: 12px; min-height: 44px; } .line > span:not(.badge, .shape) { flex: 1; min-width: 0; } .line b, .line small { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .line b { font-weight: 500; } .line small { font-size: 12px; color: var(--secondary-text-color); } label.line small { white-space: normal; } .rows { border-top: 1px solid var(--vp-line); padding-top: 8px; } .rows .wave { height: 24px; } .rows .shape { width: 90px; flex: none; } .play { width: 40px; height: 40px; } .foot { display: flex; flex-wrap: wrap; gap: 8px; margin-top: auto; } .foot .button { flex: 1 0 auto; min-height: 38px; padding: 0 12px; } a { color: inherit; text-decoration: none; } .wall .line { min-height: 72px; gap: 18px; font-size: 18px; } .wall .line small { font-size: 15px; white-space: normal; } .wall .badge { width: 56px; height: 56px; } .wall .badge .icon { width: 32px; height: 32px; } .wall input[role="switch"] { zoom: 1.35; } @media (pointer: coarse) { .line, .foot .button, .head .button { min-height: 48px; } .play { width: 48px; height: 48px; } } `,C=`voice-privacy-card`,w=class extends m{constructor(...e){super(...e),this.rows=[],this.listened=!1}static{this.styles=[_,S]}static getStubConfig(){return y()}static getConfigForm(){return b(()=>T)}setConfig(e){let t=this.config;this.config=x(e);let{rows:n,show_transcripts:r}=this.config;t&&(t.rows!==n||t.show_transcripts!==r)&&this.load()}getCardSize(){return 3+(this.config??v).rows}getGridOptions(){return{columns:12,min_columns:6,rows:`auto`,min_rows:3}}created(e){this.player=new p(e,()=>this.requestUpdate(),e=>this.tell(this.texts.error(e.code)))}translated(e){super.translated(e),T=e}disconnectedCallback(){super.disconnectedCallback(),this.player?.stop()}stateChanged(){let e=this.connection.state?.permissions.listen??!1;e&&!this.listened&&this.load(),e||(this.rows=[]),this.listened=e,this.requestUpdate()}recordingsAdded(){this.load()}recordingsDeleted(e){this.player?.id&&e.includes(this.player.id)&&this.player.stop(),this.rows=this.rows.filter(t=>!e.includes(t.id)),this.load()}recordingsReset(){this.load()}async load(){let{rows:e,show_transcripts:n,wall_tablet:r}=this.config??v;if(r||!this.connection?.state?.permissions.listen||e<1)this.rows=[];else try{this.rows=(await this.connection.call(`recordings/list`,{limit:e,content:n})).recordings}catch(e){this.tell(this.texts?.error(t(e).code)??``)}}tell(e){this.message=e}async set(e,n){let r=e.target,{checked:i}=r;this.message=void 0;try{await this.connection.call(`settings/set`,n(i))}catch(e){this.tell(this.texts.error(t(e).code)),r.checked=!i}}play({id:e}){this.message=void 0,this.player.toggle(e)}ask(e){this.renderRoot.querySelector(`voice-privacy-card-deletion`)?.ask(e)}render(){let{texts:e,connection:t,config:i}=this;if(!e||!t||!i)return r;let{state:a}=t;return n`<ha-card
        ><div class="box ${i.wall_tablet?`wall`:``}">
          <div class="head">
            ${s(g.shield)}
            <h2>${i.title||e.get(`page.title`)}</h2>
            ${i.wall_tablet?r:n`<a class="button" href="/voice-privacy/recordings">${e.get(`card.open`)}</a>`}
          </div>
          ${a?this.body(e,t):n`<p class="muted-text" role="status">${e.get(t.status===`not_loaded`?`page.not_loaded`:`common.loading`)}</p>`}
          ${this.message?n`<p class="note warn" role="alert">${s(g.alert)}${this.message}</p>`:r}
        </div></ha-card
      >
      ${a?n`<voice-privacy-card-deletion .connection=${t} .texts=${e}></voice-privacy-card-deletion>`:r}`}body(e,t){let{permissions:i,may:a,satellites:l,house:u}=t.state,d=this.config.satellites,f=d.length?l.filter(e=>d.includes(e.id)||d.includes(e.device_id??``)):l,p=f.filter(e=>i.control.includes(e.id)).map(e=>e.id),m=f.length===l.length&&i.admin?{}:{satellite_ids:p};return n`<div>
        ${f.map(r=>n`<label class="line">
              ${o(r)}<span
                ><b><bdi>${r.name}</bdi></b
                ><small>${c(e,t,r)}</small></span
              >
              <input
                type="checkbox"
                role="switch"
                class="switch"
                ?disabled=${!i.control.includes(r.id)}
                .checked=${!r.toggles.muted.on}
                @change=${e=>void this.set(e,e=>({toggle:`muted`,on:!e,satellite_ids:[r.id]}))}
              />
            </label>`)}
        <label class="line">
          <span class="badge ${u.toggles.guest_mode.on?`listening`:`muted`}">${s(g.lock)}</span
          ><span><b>${e.get(`consent.guest_mode`)}</b><small>${this.guestMode(e,t)}</small></span>
          <input
            type="checkbox"
            role="switch"
            class="switch"
            ?disabled=${!a.guest_mode}
            .checked=${u.toggles.guest_mode.on}
            @change=${e=>void this.set(e,e=>({toggle:`guest_mode`,on:e}))}
          />
        </label>
      </div>
      ${this.config.wall_tablet?r:this.kept(e,t,p,m)}`}kept(e,t,i,a){return n`${this.rows.length?n`<div class="rows" role="list">
            ${this.rows.map(n=>this.row(e,t,n))}
          </div>`:n`<p class="muted-text">${e.count(`recordings`,t.state.house.recordings)}</p>`}
    ${i.length?n`<div class="foot">
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
          </div>`:r}`}guestMode(e,t){let{toggles:n}=t.state.house;return n.guest_mode.on?e.get(`card.guest_mode_on`):e.get(`card.guest_mode_off`,l(t.state))}row(e,t,i){let a=t.nameOf(i.satellite_id)??e.get(`common.removed_satellite`),o=`${e.moment(i.started_at,t.state.house.today)}, ${a}`,c=this.player.id===i.id,l=c&&this.player.state!==`paused`;return n`<div class="line" role="listitem">
      ${this.config.show_play?n`<button
              class="play ${c?`active`:``}"
              aria-label=${e.get(l?`recordings.pause`:`recordings.play`,{recording:o})}
              @click=${()=>this.play(i)}
            >
              ${s(l?g.pause:g.play)}
            </button>`:r}
      <span
        ><b dir="auto">${i.transcript??o}</b
        ><small>${i.transcript?o:e.seconds(i.seconds)}</small></span
      >
      ${i.peaks?n`<span
              class="shape"
              dir="ltr"
              style="--progress:${c?this.player.progress*100:0}%;--played:${c?`visible`:`hidden`}"
              >${f(i.peaks)}</span
            >`:r}
    </div>`}};h([i()],w.prototype,`rows`,void 0),h([i()],w.prototype,`message`,void 0),h([i()],w.prototype,`config`,void 0);var T;e(`voice-privacy-card-deletion`,d),e(C,w);var E=window;E.customCards=E.customCards??[],E.customCards.some(e=>e.type===C)||E.customCards.push({type:C,name:`Voice privacy`,description:`Microphones, guest mode, and the last recordings`,preview:!0,getEntitySuggestion:(e,t)=>e.entities?.[t]?.platform===`voice_privacy`?{config:{type:`custom:${C}`}}:null});export{w as VoicePrivacyCard};