// node_modules/@lit/reactive-element/css-tag.js
var e = globalThis, t = e.ShadowRoot && (e.ShadyCSS === void 0 || e.ShadyCSS.nativeShadow) && "adoptedStyleSheets" in Document.prototype && "replace" in CSSStyleSheet.prototype, n = Symbol(), r = /* @__PURE__ */ new WeakMap(), i = class {
	constructor(e, t, r) {
		if (this._$cssResult$ = !0, r !== n) throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");
		this.cssText = e, this.t = t;
	}
	get styleSheet() {
		let e = this.o, n = this.t;
		if (t && e === void 0) {
			let t = n !== void 0 && n.length === 1;
			t && (e = r.get(n)), e === void 0 && ((this.o = e = new CSSStyleSheet()).replaceSync(this.cssText), t && r.set(n, e));
		}
		return e;
	}
	toString() {
		return this.cssText;
	}
}, a = (e) => new i(typeof e == "string" ? e : e + "", void 0, n), o = (e, ...t) => new i(e.length === 1 ? e[0] : t.reduce((t, n, r) => t + ((e) => {
	if (!0 === e._$cssResult$) return e.cssText;
	if (typeof e == "number") return e;
	throw Error("Value passed to 'css' function must be a 'css' function result: " + e + ". Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.");
})(n) + e[r + 1], e[0]), e, n), s = (n, r) => {
	if (t) n.adoptedStyleSheets = r.map((e) => e instanceof CSSStyleSheet ? e : e.styleSheet);
	else for (let t of r) {
		let r = document.createElement("style"), i = e.litNonce;
		i !== void 0 && r.setAttribute("nonce", i), r.textContent = t.cssText, n.appendChild(r);
	}
}, c = t ? (e) => e : (e) => e instanceof CSSStyleSheet ? ((e) => {
	let t = "";
	for (let n of e.cssRules) t += n.cssText;
	return a(t);
})(e) : e, { is: l, defineProperty: u, getOwnPropertyDescriptor: d, getOwnPropertyNames: ee, getOwnPropertySymbols: te, getPrototypeOf: ne } = Object, f = globalThis, re = f.trustedTypes, ie = re ? re.emptyScript : "", ae = f.reactiveElementPolyfillSupport, p = (e, t) => e, m = {
	toAttribute(e, t) {
		switch (t) {
			case Boolean:
				e = e ? ie : null;
				break;
			case Object:
			case Array: e = e == null ? e : JSON.stringify(e);
		}
		return e;
	},
	fromAttribute(e, t) {
		let n = e;
		switch (t) {
			case Boolean:
				n = e !== null;
				break;
			case Number:
				n = e === null ? null : Number(e);
				break;
			case Object:
			case Array: try {
				n = JSON.parse(e);
			} catch {
				n = null;
			}
		}
		return n;
	}
}, oe = (e, t) => !l(e, t), se = {
	attribute: !0,
	type: String,
	converter: m,
	reflect: !1,
	useDefault: !1,
	hasChanged: oe
};
Symbol.metadata ??= Symbol("metadata"), f.litPropertyMetadata ??= /* @__PURE__ */ new WeakMap();
var h = class extends HTMLElement {
	static addInitializer(e) {
		this._$Ei(), (this.l ??= []).push(e);
	}
	static get observedAttributes() {
		return this.finalize(), this._$Eh && [...this._$Eh.keys()];
	}
	static createProperty(e, t = se) {
		if (t.state && (t.attribute = !1), this._$Ei(), this.prototype.hasOwnProperty(e) && ((t = Object.create(t)).wrapped = !0), this.elementProperties.set(e, t), !t.noAccessor) {
			let n = Symbol(), r = this.getPropertyDescriptor(e, n, t);
			r !== void 0 && u(this.prototype, e, r);
		}
	}
	static getPropertyDescriptor(e, t, n) {
		let { get: r, set: i } = d(this.prototype, e) ?? {
			get() {
				return this[t];
			},
			set(e) {
				this[t] = e;
			}
		};
		return {
			get: r,
			set(t) {
				let a = r?.call(this);
				i?.call(this, t), this.requestUpdate(e, a, n);
			},
			configurable: !0,
			enumerable: !0
		};
	}
	static getPropertyOptions(e) {
		return this.elementProperties.get(e) ?? se;
	}
	static _$Ei() {
		if (this.hasOwnProperty(p("elementProperties"))) return;
		let e = ne(this);
		e.finalize(), e.l !== void 0 && (this.l = [...e.l]), this.elementProperties = new Map(e.elementProperties);
	}
	static finalize() {
		if (this.hasOwnProperty(p("finalized"))) return;
		if (this.finalized = !0, this._$Ei(), this.hasOwnProperty(p("properties"))) {
			let e = this.properties, t = [...ee(e), ...te(e)];
			for (let n of t) this.createProperty(n, e[n]);
		}
		let e = this[Symbol.metadata];
		if (e !== null) {
			let t = litPropertyMetadata.get(e);
			if (t !== void 0) for (let [e, n] of t) this.elementProperties.set(e, n);
		}
		this._$Eh = /* @__PURE__ */ new Map();
		for (let [e, t] of this.elementProperties) {
			let n = this._$Eu(e, t);
			n !== void 0 && this._$Eh.set(n, e);
		}
		this.elementStyles = this.finalizeStyles(this.styles);
	}
	static finalizeStyles(e) {
		let t = [];
		if (Array.isArray(e)) {
			let n = new Set(e.flat(1 / 0).reverse());
			for (let e of n) t.unshift(c(e));
		} else e !== void 0 && t.push(c(e));
		return t;
	}
	static _$Eu(e, t) {
		let n = t.attribute;
		return !1 === n ? void 0 : typeof n == "string" ? n : typeof e == "string" ? e.toLowerCase() : void 0;
	}
	constructor() {
		super(), this._$Ep = void 0, this.isUpdatePending = !1, this.hasUpdated = !1, this._$Em = null, this._$Ev();
	}
	_$Ev() {
		this._$ES = new Promise((e) => this.enableUpdating = e), this._$AL = /* @__PURE__ */ new Map(), this._$E_(), this.requestUpdate(), this.constructor.l?.forEach((e) => e(this));
	}
	addController(e) {
		(this._$EO ??= /* @__PURE__ */ new Set()).add(e), this.renderRoot !== void 0 && this.isConnected && e.hostConnected?.();
	}
	removeController(e) {
		this._$EO?.delete(e);
	}
	_$E_() {
		let e = /* @__PURE__ */ new Map(), t = this.constructor.elementProperties;
		for (let n of t.keys()) this.hasOwnProperty(n) && (e.set(n, this[n]), delete this[n]);
		e.size > 0 && (this._$Ep = e);
	}
	createRenderRoot() {
		let e = this.shadowRoot ?? this.attachShadow(this.constructor.shadowRootOptions);
		return s(e, this.constructor.elementStyles), e;
	}
	connectedCallback() {
		this.renderRoot ??= this.createRenderRoot(), this.enableUpdating(!0), this._$EO?.forEach((e) => e.hostConnected?.());
	}
	enableUpdating(e) {}
	disconnectedCallback() {
		this._$EO?.forEach((e) => e.hostDisconnected?.());
	}
	attributeChangedCallback(e, t, n) {
		this._$AK(e, n);
	}
	_$ET(e, t) {
		let n = this.constructor.elementProperties.get(e), r = this.constructor._$Eu(e, n);
		if (r !== void 0 && !0 === n.reflect) {
			let i = (n.converter?.toAttribute === void 0 ? m : n.converter).toAttribute(t, n.type);
			this._$Em = e, i == null ? this.removeAttribute(r) : this.setAttribute(r, i), this._$Em = null;
		}
	}
	_$AK(e, t) {
		let n = this.constructor, r = n._$Eh.get(e);
		if (r !== void 0 && this._$Em !== r) {
			let e = n.getPropertyOptions(r), i = typeof e.converter == "function" ? { fromAttribute: e.converter } : e.converter?.fromAttribute === void 0 ? m : e.converter;
			this._$Em = r;
			let a = i.fromAttribute(t, e.type);
			this[r] = a ?? this._$Ej?.get(r) ?? a, this._$Em = null;
		}
	}
	requestUpdate(e, t, n, r = !1, i) {
		if (e !== void 0) {
			let a = this.constructor;
			if (!1 === r && (i = this[e]), n ??= a.getPropertyOptions(e), !((n.hasChanged ?? oe)(i, t) || n.useDefault && n.reflect && i === this._$Ej?.get(e) && !this.hasAttribute(a._$Eu(e, n)))) return;
			this.C(e, t, n);
		}
		!1 === this.isUpdatePending && (this._$ES = this._$EP());
	}
	C(e, t, { useDefault: n, reflect: r, wrapped: i }, a) {
		n && !(this._$Ej ??= /* @__PURE__ */ new Map()).has(e) && (this._$Ej.set(e, a ?? t ?? this[e]), !0 !== i || a !== void 0) || (this._$AL.has(e) || (this.hasUpdated || n || (t = void 0), this._$AL.set(e, t)), !0 === r && this._$Em !== e && (this._$Eq ??= /* @__PURE__ */ new Set()).add(e));
	}
	async _$EP() {
		this.isUpdatePending = !0;
		try {
			await this._$ES;
		} catch (e) {
			Promise.reject(e);
		}
		let e = this.scheduleUpdate();
		return e != null && await e, !this.isUpdatePending;
	}
	scheduleUpdate() {
		return this.performUpdate();
	}
	performUpdate() {
		if (!this.isUpdatePending) return;
		if (!this.hasUpdated) {
			if (this.renderRoot ??= this.createRenderRoot(), this._$Ep) {
				for (let [e, t] of this._$Ep) this[e] = t;
				this._$Ep = void 0;
			}
			let e = this.constructor.elementProperties;
			if (e.size > 0) for (let [t, n] of e) {
				let { wrapped: e } = n, r = this[t];
				!0 !== e || this._$AL.has(t) || r === void 0 || this.C(t, void 0, n, r);
			}
		}
		let e = !1, t = this._$AL;
		try {
			e = this.shouldUpdate(t), e ? (this.willUpdate(t), this._$EO?.forEach((e) => e.hostUpdate?.()), this.update(t)) : this._$EM();
		} catch (t) {
			throw e = !1, this._$EM(), t;
		}
		e && this._$AE(t);
	}
	willUpdate(e) {}
	_$AE(e) {
		this._$EO?.forEach((e) => e.hostUpdated?.()), this.hasUpdated || (this.hasUpdated = !0, this.firstUpdated(e)), this.updated(e);
	}
	_$EM() {
		this._$AL = /* @__PURE__ */ new Map(), this.isUpdatePending = !1;
	}
	get updateComplete() {
		return this.getUpdateComplete();
	}
	getUpdateComplete() {
		return this._$ES;
	}
	shouldUpdate(e) {
		return !0;
	}
	update(e) {
		this._$Eq &&= this._$Eq.forEach((e) => this._$ET(e, this[e])), this._$EM();
	}
	updated(e) {}
	firstUpdated(e) {}
};
h.elementStyles = [], h.shadowRootOptions = { mode: "open" }, h[p("elementProperties")] = /* @__PURE__ */ new Map(), h[p("finalized")] = /* @__PURE__ */ new Map(), ae?.({ ReactiveElement: h }), (f.reactiveElementVersions ??= []).push("2.1.2");
// node_modules/lit-html/lit-html.js
var g = globalThis, _ = (e) => e, v = g.trustedTypes, y = v ? v.createPolicy("lit-html", { createHTML: (e) => e }) : void 0, ce = "$lit$", b = `lit$${Math.random().toFixed(9).slice(2)}$`, le = "?" + b, ue = `<${le}>`, x = document, S = () => x.createComment(""), C = (e) => e === null || typeof e != "object" && typeof e != "function", w = Array.isArray, de = (e) => w(e) || typeof e?.[Symbol.iterator] == "function", T = "[ 	\n\f\r]", E = /<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g, D = /-->/g, O = />/g, k = RegExp(`>|${T}(?:([^\\s"'>=/]+)(${T}*=${T}*(?:[^ \t\n\f\r"'\`<>=]|("|')|))|$)`, "g"), A = /'/g, j = /"/g, M = /^(?:script|style|textarea|title)$/i, fe = (e) => (t, ...n) => ({
	_$litType$: e,
	strings: t,
	values: n
}), N = fe(1), pe = fe(2), P = Symbol.for("lit-noChange"), F = Symbol.for("lit-nothing"), me = /* @__PURE__ */ new WeakMap(), I = x.createTreeWalker(x, 129);
function L(e, t) {
	if (!w(e) || !e.hasOwnProperty("raw")) throw Error("invalid template strings array");
	return y === void 0 ? t : y.createHTML(t);
}
var he = (e, t) => {
	let n = e.length - 1, r = [], i, a = t === 2 ? "<svg>" : t === 3 ? "<math>" : "", o = E;
	for (let t = 0; t < n; t++) {
		let n = e[t], s, c, l = -1, u = 0;
		for (; u < n.length && (o.lastIndex = u, c = o.exec(n), c !== null);) u = o.lastIndex, o === E ? c[1] === "!--" ? o = D : c[1] === void 0 ? c[2] === void 0 ? c[3] !== void 0 && (o = k) : (M.test(c[2]) && (i = RegExp("</" + c[2], "g")), o = k) : o = O : o === k ? c[0] === ">" ? (o = i ?? E, l = -1) : c[1] === void 0 ? l = -2 : (l = o.lastIndex - c[2].length, s = c[1], o = c[3] === void 0 ? k : c[3] === "\"" ? j : A) : o === j || o === A ? o = k : o === D || o === O ? o = E : (o = k, i = void 0);
		let d = o === k && e[t + 1].startsWith("/>") ? " " : "";
		a += o === E ? n + ue : l >= 0 ? (r.push(s), n.slice(0, l) + ce + n.slice(l) + b + d) : n + b + (l === -2 ? t : d);
	}
	return [L(e, a + (e[n] || "<?>") + (t === 2 ? "</svg>" : t === 3 ? "</math>" : "")), r];
}, R = class e {
	constructor({ strings: t, _$litType$: n }, r) {
		let i;
		this.parts = [];
		let a = 0, o = 0, s = t.length - 1, c = this.parts, [l, u] = he(t, n);
		if (this.el = e.createElement(l, r), I.currentNode = this.el.content, n === 2 || n === 3) {
			let e = this.el.content.firstChild;
			e.replaceWith(...e.childNodes);
		}
		for (; (i = I.nextNode()) !== null && c.length < s;) {
			if (i.nodeType === 1) {
				if (i.hasAttributes()) for (let e of i.getAttributeNames()) if (e.endsWith(ce)) {
					let t = u[o++], n = i.getAttribute(e).split(b), r = /([.?@])?(.*)/.exec(t);
					c.push({
						type: 1,
						index: a,
						name: r[2],
						strings: n,
						ctor: r[1] === "." ? _e : r[1] === "?" ? ve : r[1] === "@" ? ye : V
					}), i.removeAttribute(e);
				} else e.startsWith(b) && (c.push({
					type: 6,
					index: a
				}), i.removeAttribute(e));
				if (M.test(i.tagName)) {
					let e = i.textContent.split(b), t = e.length - 1;
					if (t > 0) {
						i.textContent = v ? v.emptyScript : "";
						for (let n = 0; n < t; n++) i.append(e[n], S()), I.nextNode(), c.push({
							type: 2,
							index: ++a
						});
						i.append(e[t], S());
					}
				}
			} else if (i.nodeType === 8) {
				if (i.data === le) c.push({
					type: 2,
					index: a
				});
				else {
					let e = -1;
					for (; (e = i.data.indexOf(b, e + 1)) !== -1;) c.push({
						type: 7,
						index: a
					}), e += b.length - 1;
				}
			}
			a++;
		}
	}
	static createElement(e, t) {
		let n = x.createElement("template");
		return n.innerHTML = e, n;
	}
};
function z(e, t, n = e, r) {
	if (t === P) return t;
	let i = r === void 0 ? n._$Cl : n._$Co?.[r], a = C(t) ? void 0 : t._$litDirective$;
	return i?.constructor !== a && (i?._$AO?.(!1), a === void 0 ? i = void 0 : (i = new a(e), i._$AT(e, n, r)), r === void 0 ? n._$Cl = i : (n._$Co ??= [])[r] = i), i !== void 0 && (t = z(e, i._$AS(e, t.values), i, r)), t;
}
var ge = class {
	constructor(e, t) {
		this._$AV = [], this._$AN = void 0, this._$AD = e, this._$AM = t;
	}
	get parentNode() {
		return this._$AM.parentNode;
	}
	get _$AU() {
		return this._$AM._$AU;
	}
	u(e) {
		let { el: { content: t }, parts: n } = this._$AD, r = (e?.creationScope ?? x).importNode(t, !0);
		I.currentNode = r;
		let i = I.nextNode(), a = 0, o = 0, s = n[0];
		for (; s !== void 0;) {
			if (a === s.index) {
				let t;
				s.type === 2 ? t = new B(i, i.nextSibling, this, e) : s.type === 1 ? t = new s.ctor(i, s.name, s.strings, this, e) : s.type === 6 && (t = new be(i, this, e)), this._$AV.push(t), s = n[++o];
			}
			a !== s?.index && (i = I.nextNode(), a++);
		}
		return I.currentNode = x, r;
	}
	p(e) {
		let t = 0;
		for (let n of this._$AV) n !== void 0 && (n.strings === void 0 ? n._$AI(e[t]) : (n._$AI(e, n, t), t += n.strings.length - 2)), t++;
	}
}, B = class e {
	get _$AU() {
		return this._$AM?._$AU ?? this._$Cv;
	}
	constructor(e, t, n, r) {
		this.type = 2, this._$AH = F, this._$AN = void 0, this._$AA = e, this._$AB = t, this._$AM = n, this.options = r, this._$Cv = r?.isConnected ?? !0;
	}
	get parentNode() {
		let e = this._$AA.parentNode, t = this._$AM;
		return t !== void 0 && e?.nodeType === 11 && (e = t.parentNode), e;
	}
	get startNode() {
		return this._$AA;
	}
	get endNode() {
		return this._$AB;
	}
	_$AI(e, t = this) {
		e = z(this, e, t), C(e) ? e === F || e == null || e === "" ? (this._$AH !== F && this._$AR(), this._$AH = F) : e !== this._$AH && e !== P && this._(e) : e._$litType$ === void 0 ? e.nodeType === void 0 ? de(e) ? this.k(e) : this._(e) : this.T(e) : this.$(e);
	}
	O(e) {
		return this._$AA.parentNode.insertBefore(e, this._$AB);
	}
	T(e) {
		this._$AH !== e && (this._$AR(), this._$AH = this.O(e));
	}
	_(e) {
		this._$AH !== F && C(this._$AH) ? this._$AA.nextSibling.data = e : this.T(x.createTextNode(e)), this._$AH = e;
	}
	$(e) {
		let { values: t, _$litType$: n } = e, r = typeof n == "number" ? this._$AC(e) : (n.el === void 0 && (n.el = R.createElement(L(n.h, n.h[0]), this.options)), n);
		if (this._$AH?._$AD === r) this._$AH.p(t);
		else {
			let e = new ge(r, this), n = e.u(this.options);
			e.p(t), this.T(n), this._$AH = e;
		}
	}
	_$AC(e) {
		let t = me.get(e.strings);
		return t === void 0 && me.set(e.strings, t = new R(e)), t;
	}
	k(t) {
		w(this._$AH) || (this._$AH = [], this._$AR());
		let n = this._$AH, r, i = 0;
		for (let a of t) i === n.length ? n.push(r = new e(this.O(S()), this.O(S()), this, this.options)) : r = n[i], r._$AI(a), i++;
		i < n.length && (this._$AR(r && r._$AB.nextSibling, i), n.length = i);
	}
	_$AR(e = this._$AA.nextSibling, t) {
		for (this._$AP?.(!1, !0, t); e !== this._$AB;) {
			let t = _(e).nextSibling;
			_(e).remove(), e = t;
		}
	}
	setConnected(e) {
		this._$AM === void 0 && (this._$Cv = e, this._$AP?.(e));
	}
}, V = class {
	get tagName() {
		return this.element.tagName;
	}
	get _$AU() {
		return this._$AM._$AU;
	}
	constructor(e, t, n, r, i) {
		this.type = 1, this._$AH = F, this._$AN = void 0, this.element = e, this.name = t, this._$AM = r, this.options = i, n.length > 2 || n[0] !== "" || n[1] !== "" ? (this._$AH = Array(n.length - 1).fill(/* @__PURE__ */ new String()), this.strings = n) : this._$AH = F;
	}
	_$AI(e, t = this, n, r) {
		let i = this.strings, a = !1;
		if (i === void 0) e = z(this, e, t, 0), a = !C(e) || e !== this._$AH && e !== P, a && (this._$AH = e);
		else {
			let r = e, o, s;
			for (e = i[0], o = 0; o < i.length - 1; o++) s = z(this, r[n + o], t, o), s === P && (s = this._$AH[o]), a ||= !C(s) || s !== this._$AH[o], s === F ? e = F : e !== F && (e += (s ?? "") + i[o + 1]), this._$AH[o] = s;
		}
		a && !r && this.j(e);
	}
	j(e) {
		e === F ? this.element.removeAttribute(this.name) : this.element.setAttribute(this.name, e ?? "");
	}
}, _e = class extends V {
	constructor() {
		super(...arguments), this.type = 3;
	}
	j(e) {
		this.element[this.name] = e === F ? void 0 : e;
	}
}, ve = class extends V {
	constructor() {
		super(...arguments), this.type = 4;
	}
	j(e) {
		this.element.toggleAttribute(this.name, !!e && e !== F);
	}
}, ye = class extends V {
	constructor(e, t, n, r, i) {
		super(e, t, n, r, i), this.type = 5;
	}
	_$AI(e, t = this) {
		if ((e = z(this, e, t, 0) ?? F) === P) return;
		let n = this._$AH, r = e === F && n !== F || e.capture !== n.capture || e.once !== n.once || e.passive !== n.passive, i = e !== F && (n === F || r);
		r && this.element.removeEventListener(this.name, this, n), i && this.element.addEventListener(this.name, this, e), this._$AH = e;
	}
	handleEvent(e) {
		typeof this._$AH == "function" ? this._$AH.call(this.options?.host ?? this.element, e) : this._$AH.handleEvent(e);
	}
}, be = class {
	constructor(e, t, n) {
		this.element = e, this.type = 6, this._$AN = void 0, this._$AM = t, this.options = n;
	}
	get _$AU() {
		return this._$AM._$AU;
	}
	_$AI(e) {
		z(this, e);
	}
}, xe = g.litHtmlPolyfillSupport;
xe?.(R, B), (g.litHtmlVersions ??= []).push("3.3.3");
var Se = (e, t, n) => {
	let r = n?.renderBefore ?? t, i = r._$litPart$;
	if (i === void 0) {
		let e = n?.renderBefore ?? null;
		r._$litPart$ = i = new B(t.insertBefore(S(), e), e, void 0, n ?? {});
	}
	return i._$AI(e), i;
}, H = globalThis, U = class extends h {
	constructor() {
		super(...arguments), this.renderOptions = { host: this }, this._$Do = void 0;
	}
	createRenderRoot() {
		let e = super.createRenderRoot();
		return this.renderOptions.renderBefore ??= e.firstChild, e;
	}
	update(e) {
		let t = this.render();
		this.hasUpdated || (this.renderOptions.isConnected = this.isConnected), super.update(e), this._$Do = Se(t, this.renderRoot, this.renderOptions);
	}
	connectedCallback() {
		super.connectedCallback(), this._$Do?.setConnected(!0);
	}
	disconnectedCallback() {
		super.disconnectedCallback(), this._$Do?.setConnected(!1);
	}
	render() {
		return P;
	}
};
U._$litElement$ = !0, U.finalized = !0, H.litElementHydrateSupport?.({ LitElement: U });
var Ce = H.litElementPolyfillSupport;
Ce?.({ LitElement: U }), (H.litElementVersions ??= []).push("4.2.2");
// src/contract.ts
var W = "voice_privacy", we = class extends U {
	static {
		this.properties = {
			house: { attribute: !1 },
			texts: { attribute: !1 }
		};
	}
	connectedCallback() {
		super.connectedCallback(), this.house && (this.unlisten = this.house.listen(this));
	}
	disconnectedCallback() {
		super.disconnectedCallback(), this.unlisten?.();
	}
	houseChanged() {
		this.requestUpdate();
	}
	t(e, t) {
		return this.texts.get(e, t);
	}
	notify(e) {
		this.dispatchEvent(new CustomEvent("vp-notify", {
			detail: e,
			bubbles: !0,
			composed: !0
		}));
	}
};
function Te(e, t) {
	customElements.get(e) || customElements.define(e, t);
}
// src/house.ts
var Ee = 2e3, G = class extends Error {
	constructor(e) {
		super(e), this.code = e;
	}
};
function K(e) {
	if (e instanceof G) return e;
	let t = e?.code;
	return new G(typeof t == "string" ? t : "failed");
}
var De = class {
	constructor(e) {
		this.hass = e, this.status = "connecting", this.listeners = /* @__PURE__ */ new Set(), this.closed = !0;
	}
	update(e) {
		let t = this.hass.connected;
		if (this.hass = e, t !== e.connected && !this.closed && (e.connected ? this.state && this.setStatus("ready") : this.setStatus("offline"), e.connected)) for (let e of this.listeners) e.recordingsReset?.();
	}
	listen(e) {
		return this.listeners.add(e), () => this.listeners.delete(e);
	}
	open() {
		this.closed && (this.closed = !1, this.subscribe());
	}
	close() {
		this.closed = !0, clearTimeout(this.retry), this.unsubscribe?.().catch(() => void 0), this.unsubscribe = void 0;
	}
	async call(e, t = {}) {
		try {
			return await this.hass.callWS({
				type: `${W}/${e}`,
				...t
			});
		} catch (e) {
			throw K(e);
		}
	}
	async follow(e, t, n) {
		try {
			let r = await this.hass.connection.subscribeMessage(n, {
				type: `${W}/${e}`,
				...t
			});
			return () => void r().catch(() => void 0);
		} catch (e) {
			throw K(e);
		}
	}
	async fetch(e) {
		let t = await this.hass.fetchWithAuth(`/api/${W}/${e}`, { cache: "no-store" });
		if (t.ok) return t;
		throw new G({
			403: "unauthorized",
			404: "recording_not_found"
		}[t.status] ?? "store_not_ready");
	}
	nameOf(e) {
		return this.state?.satellites.find((t) => t.id === e)?.name;
	}
	async subscribe() {
		try {
			let e = await this.hass.connection.subscribeMessage((e) => this.receive(e), { type: `${W}/subscribe` });
			this.closed ? e().catch(() => void 0) : this.unsubscribe = e;
		} catch (e) {
			let t = K(e).code;
			this.setStatus(t === "not_loaded" || t === "unknown_command" ? "not_loaded" : "failed"), this.again();
		}
	}
	again() {
		this.closed || (this.retry = setTimeout(() => void this.subscribe(), Ee));
	}
	receive(e) {
		if (!this.closed) switch (e.type) {
			case "state": {
				let t = this.status !== "ready" && this.state !== void 0;
				if (this.state = e, this.setStatus("ready"), t) for (let e of this.listeners) e.recordingsReset?.();
				break;
			}
			case "added":
				for (let t of this.listeners) t.recordingsAdded?.(e.recordings);
				break;
			case "deleted":
				for (let t of this.listeners) t.recordingsDeleted?.(e.recording_ids);
				break;
			case "reset":
				for (let e of this.listeners) e.recordingsReset?.();
				break;
			case "ended": this.unsubscribe?.().catch(() => void 0), this.unsubscribe = void 0, this.setStatus("not_loaded"), this.again();
		}
	}
	setStatus(e) {
		this.status = e;
		for (let e of this.listeners) e.houseChanged?.();
	}
}, Oe = "M12,5.5A3.5,3.5 0 0,1 15.5,9A3.5,3.5 0 0,1 12,12.5A3.5,3.5 0 0,1 8.5,9A3.5,3.5 0 0,1 12,5.5M5,8C5.56,8 6.08,8.15 6.53,8.42C6.38,9.85 6.8,11.27 7.66,12.38C7.16,13.34 6.16,14 5,14A3,3 0 0,1 2,11A3,3 0 0,1 5,8M19,8A3,3 0 0,1 22,11A3,3 0 0,1 19,14C17.84,14 16.84,13.34 16.34,12.38C17.2,11.27 17.62,9.85 17.47,8.42C17.92,8.15 18.44,8 19,8M5.5,18.25C5.5,16.18 8.41,14.5 12,14.5C15.59,14.5 18.5,16.18 18.5,18.25V20H5.5V18.25M0,20V18.5C0,17.11 1.89,15.94 4.45,15.6C3.86,16.28 3.5,17.22 3.5,18.25V20H0M24,20H20.5V18.25C20.5,17.22 20.14,16.28 19.55,15.6C22.11,15.94 24,17.11 24,18.5V20Z", ke = "M12,4A4,4 0 0,1 16,8A4,4 0 0,1 12,12A4,4 0 0,1 8,8A4,4 0 0,1 12,4M12,6A2,2 0 0,0 10,8A2,2 0 0,0 12,10A2,2 0 0,0 14,8A2,2 0 0,0 12,6M12,13C14.67,13 20,14.33 20,17V20H4V17C4,14.33 9.33,13 12,13M12,14.9C9.03,14.9 5.9,16.36 5.9,17V18.1H18.1V17C18.1,16.36 14.97,14.9 12,14.9Z", Ae = "M11,15H13V17H11V15M11,7H13V13H11V7M12,2C6.47,2 2,6.5 2,12A10,10 0 0,0 12,22A10,10 0 0,0 22,12A10,10 0 0,0 12,2M12,20A8,8 0 0,1 4,12A8,8 0 0,1 12,4A8,8 0 0,1 20,12A8,8 0 0,1 12,20Z", je = "M21,7L9,19L3.5,13.5L4.91,12.09L9,16.17L19.59,5.59L21,7Z", Me = "M12 2C6.5 2 2 6.5 2 12S6.5 22 12 22 22 17.5 22 12 17.5 2 12 2M12 20C7.59 20 4 16.41 4 12S7.59 4 12 4 20 7.59 20 12 16.41 20 12 20M16.59 7.58L10 14.17L7.41 11.59L6 13L10 17L18 9L16.59 7.58Z", Ne = "M12,20A8,8 0 0,0 20,12A8,8 0 0,0 12,4A8,8 0 0,0 4,12A8,8 0 0,0 12,20M12,2A10,10 0 0,1 22,12A10,10 0 0,1 12,22C6.47,22 2,17.5 2,12A10,10 0 0,1 12,2M12.5,7V12.25L17,14.92L16.25,16.15L11,13V7H12.5Z", Pe = "M19,6.41L17.59,5L12,10.59L6.41,5L5,6.41L10.59,12L5,17.59L6.41,19L12,13.41L17.59,19L19,17.59L13.41,12L19,6.41Z", Fe = "M12,15.5A3.5,3.5 0 0,1 8.5,12A3.5,3.5 0 0,1 12,8.5A3.5,3.5 0 0,1 15.5,12A3.5,3.5 0 0,1 12,15.5M19.43,12.97C19.47,12.65 19.5,12.33 19.5,12C19.5,11.67 19.47,11.34 19.43,11L21.54,9.37C21.73,9.22 21.78,8.95 21.66,8.73L19.66,5.27C19.54,5.05 19.27,4.96 19.05,5.05L16.56,6.05C16.04,5.66 15.5,5.32 14.87,5.07L14.5,2.42C14.46,2.18 14.25,2 14,2H10C9.75,2 9.54,2.18 9.5,2.42L9.13,5.07C8.5,5.32 7.96,5.66 7.44,6.05L4.95,5.05C4.73,4.96 4.46,5.05 4.34,5.27L2.34,8.73C2.21,8.95 2.27,9.22 2.46,9.37L4.57,11C4.53,11.34 4.5,11.67 4.5,12C4.5,12.33 4.53,12.65 4.57,12.97L2.46,14.63C2.27,14.78 2.21,15.05 2.34,15.27L4.34,18.73C4.46,18.95 4.73,19.03 4.95,18.95L7.44,17.94C7.96,18.34 8.5,18.68 9.13,18.93L9.5,21.58C9.54,21.82 9.75,22 10,22H14C14.25,22 14.46,21.82 14.5,21.58L14.87,18.93C15.5,18.67 16.04,18.34 16.56,17.94L19.05,18.95C19.27,19.03 19.54,18.95 19.66,18.73L21.66,15.27C21.78,15.05 21.73,14.78 21.54,14.63L19.43,12.97Z", Ie = "M9 22C8.45 22 8 21.55 8 21V18H4C2.9 18 2 17.11 2 16V4C2 2.89 2.9 2 4 2H20C21.11 2 22 2.9 22 4V16C22 17.11 21.11 18 20 18H13.9L10.2 21.71C10 21.9 9.75 22 9.5 22H9M10 16V19.08L13.08 16H20V4H4V16H10M15.6 6L17 7.41L10.47 14L7 10.5L8.4 9.09L10.47 11.17L15.6 6", Le = "M6,19A2,2 0 0,0 8,21H16A2,2 0 0,0 18,19V7H6V19M8,9H16V19H8V9M15.5,4L14.5,3H9.5L8.5,4H5V6H19V4H15.5Z", Re = "M5,20H19V18H5M19,9H15V3H9V9H5L12,16L19,9Z", ze = "M17,20C16.71,20 16.44,19.94 16.24,19.85C15.53,19.5 15.03,18.97 14.53,17.47C14,15.91 13.06,15.18 12.14,14.47C11.35,13.86 10.53,13.23 9.82,11.94C9.29,11 9,9.93 9,9C9,6.2 11.2,4 14,4C16.8,4 19,6.2 19,9H21C21,5.07 17.93,2 14,2C10.07,2 7,5.07 7,9C7,10.26 7.38,11.65 8.07,12.9C9,14.55 10.05,15.38 10.92,16.05C11.73,16.67 12.31,17.12 12.63,18.1C13.23,19.92 14,20.94 15.36,21.65C15.87,21.88 16.43,22 17,22A4,4 0 0,0 21,18H19A2,2 0 0,1 17,20M7.64,2.64L6.22,1.22C4.23,3.21 3,5.96 3,9C3,12.04 4.23,14.79 6.22,16.78L7.63,15.37C6,13.74 5,11.5 5,9C5,6.5 6,4.26 7.64,2.64M11.5,9A2.5,2.5 0 0,0 14,11.5A2.5,2.5 0 0,0 16.5,9A2.5,2.5 0 0,0 14,6.5A2.5,2.5 0 0,0 11.5,9Z", Be = "M6,13H18V11H6M3,6V8H21V6M10,18H14V16H10V18Z", Ve = "M7,5H21V7H7V5M7,13V11H21V13H7M4,4.5A1.5,1.5 0 0,1 5.5,6A1.5,1.5 0 0,1 4,7.5A1.5,1.5 0 0,1 2.5,6A1.5,1.5 0 0,1 4,4.5M4,10.5A1.5,1.5 0 0,1 5.5,12A1.5,1.5 0 0,1 4,13.5A1.5,1.5 0 0,1 2.5,12A1.5,1.5 0 0,1 4,10.5M7,19V17H21V19H7M4,16.5A1.5,1.5 0 0,1 5.5,18A1.5,1.5 0 0,1 4,19.5A1.5,1.5 0 0,1 2.5,18A1.5,1.5 0 0,1 4,16.5Z", He = "M3,5H9V11H3V5M5,7V9H7V7H5M11,7H21V9H11V7M11,15H21V17H11V15M5,20L1.5,16.5L2.91,15.09L5,17.17L9.59,12.59L11,14L5,20Z", Ue = "M10,19H13V22H10V19M12,2C17.35,2.22 19.68,7.62 16.5,11.67C15.67,12.67 14.33,13.33 13.67,14.17C13,15 13,16 13,17H10C10,15.33 10,13.92 10.67,12.92C11.33,11.92 12.67,11.33 13.5,10.67C15.92,8.43 15.32,5.26 12,5A3,3 0 0,0 9,8H6A6,6 0 0,1 12,2Z", We = "M13.5,8H12V13L16.28,15.54L17,14.33L13.5,12.25V8M13,3A9,9 0 0,0 4,12H1L4.96,16.03L9,12H6A7,7 0 0,1 13,5A7,7 0 0,1 20,12A7,7 0 0,1 13,19C11.07,19 9.32,18.21 8.06,16.94L6.64,18.36C8.27,20 10.5,21 13,21A9,9 0 0,0 22,12A9,9 0 0,0 13,3", Ge = "M12,17C10.89,17 10,16.1 10,15C10,13.89 10.89,13 12,13A2,2 0 0,1 14,15A2,2 0 0,1 12,17M18,20V10H6V20H18M18,8A2,2 0 0,1 20,10V20A2,2 0 0,1 18,22H6C4.89,22 4,21.1 4,20V10C4,8.89 4.89,8 6,8H7V6A5,5 0 0,1 12,1A5,5 0 0,1 17,6V8H18M12,3A3,3 0 0,0 9,6V8H15V6A3,3 0 0,0 12,3Z", Ke = "M9.5,3A6.5,6.5 0 0,1 16,9.5C16,11.11 15.41,12.59 14.44,13.73L14.71,14H15.5L20.5,19L19,20.5L14,15.5V14.71L13.73,14.44C12.59,15.41 11.11,16 9.5,16A6.5,6.5 0 0,1 3,9.5A6.5,6.5 0 0,1 9.5,3M9.5,5C7,5 5,7 5,9.5C5,12 7,14 9.5,14C12,14 14,12 14,9.5C14,7 12,5 9.5,5Z", qe = "M3,6H21V8H3V6M3,11H21V13H3V11M3,16H21V18H3V16Z", Je = "M12,2A3,3 0 0,1 15,5V11A3,3 0 0,1 12,14A3,3 0 0,1 9,11V5A3,3 0 0,1 12,2M19,11C19,14.53 16.39,17.44 13,17.93V21H11V17.93C7.61,17.44 5,14.53 5,11H7A5,5 0 0,0 12,16A5,5 0 0,0 17,11H19Z", Ye = "M19,11C19,12.19 18.66,13.3 18.1,14.28L16.87,13.05C17.14,12.43 17.3,11.74 17.3,11H19M15,11.16L9,5.18V5A3,3 0 0,1 12,2A3,3 0 0,1 15,5V11L15,11.16M4.27,3L21,19.73L19.73,21L15.54,16.81C14.77,17.27 13.91,17.58 13,17.72V21H11V17.72C7.72,17.23 5,14.41 5,11H6.7C6.7,14 9.24,16.1 12,16.1C12.81,16.1 13.6,15.91 14.31,15.58L12.65,13.92L12,14A3,3 0 0,1 9,11V10.28L3,4.27L4.27,3Z", Xe = "M9 2C10.66 2 12 3.34 12 5V11C12 12.66 10.66 14 9 14S6 12.66 6 11V5C6 3.34 7.34 2 9 2M16 11C16 14.53 13.39 17.44 10 17.93V21H8V17.93C4.61 17.44 2 14.53 2 11H4C4 13.76 6.24 16 9 16S14 13.76 14 11H16M20.5 14.5V16H19V14.5H20.5M18.5 9.5H17V9C17 7.34 18.34 6 20 6S23 7.34 23 9C23 9.97 22.5 10.88 21.71 11.41L21.41 11.6C20.84 12 20.5 12.61 20.5 13.3V13.5H19V13.3C19 12.11 19.6 11 20.59 10.35L20.88 10.16C21.27 9.9 21.5 9.47 21.5 9C21.5 8.17 20.83 7.5 20 7.5S18.5 8.17 18.5 9V9.5Z", Ze = "M14,19H18V5H14M6,19H10V5H6V19Z", Qe = "M8,5.14V19.14L19,12.14L8,5.14Z", $e = "M19,12C19,15.86 15.86,19 12,19C8.14,19 5,15.86 5,12C5,8.14 8.14,5 12,5C15.86,5 19,8.14 19,12Z", q = {
	account: ke,
	alert: Ae,
	archive: Re,
	check: je,
	clock: Ne,
	close: Pe,
	cog: Fe,
	deleted: Le,
	done: Me,
	filter: Be,
	guests: Oe,
	help: Ue,
	history: We,
	listed: Ve,
	listened: ze,
	lock: Ge,
	menu: qe,
	microphone: Je,
	offline: "M2.28,3L1,4.27L2.47,5.74C2.04,6 1.61,6.29 1.2,6.6L3,9C3.53,8.6 4.08,8.25 4.66,7.93L6.89,10.16C6.15,10.5 5.44,10.91 4.8,11.4L6.6,13.8C7.38,13.22 8.26,12.77 9.2,12.47L11.75,15C10.5,15.07 9.34,15.5 8.4,16.2L12,21L14.46,17.73L17.74,21L19,19.72M12,3C9.85,3 7.8,3.38 5.9,4.07L8.29,6.47C9.5,6.16 10.72,6 12,6C15.38,6 18.5,7.11 21,9L22.8,6.6C19.79,4.34 16.06,3 12,3M12,9C11.62,9 11.25,9 10.88,9.05L14.07,12.25C15.29,12.53 16.43,13.07 17.4,13.8L19.2,11.4C17.2,9.89 14.7,9 12,9Z",
	pause: Ze,
	play: Qe,
	reply: "M8,9.8V10.7L9.7,11C12.3,11.4 14.2,12.4 15.6,13.7C13.9,13.2 12.1,12.9 10,12.9H8V14.2L5.8,12L8,9.8M10,5L3,12L10,19V14.9C15,14.9 18.5,16.5 21,20C20,15 17,10 10,9",
	reviewed: Ie,
	robot: "M17.5 15.5C17.5 16.61 16.61 17.5 15.5 17.5S13.5 16.61 13.5 15.5 14.4 13.5 15.5 13.5 17.5 14.4 17.5 15.5M8.5 13.5C7.4 13.5 6.5 14.4 6.5 15.5S7.4 17.5 8.5 17.5 10.5 16.61 10.5 15.5 9.61 13.5 8.5 13.5M23 15V18C23 18.55 22.55 19 22 19H21V20C21 21.11 20.11 22 19 22H5C3.9 22 3 21.11 3 20V19H2C1.45 19 1 18.55 1 18V15C1 14.45 1.45 14 2 14H3C3 10.13 6.13 7 10 7H11V5.73C10.4 5.39 10 4.74 10 4C10 2.9 10.9 2 12 2S14 2.9 14 4C14 4.74 13.6 5.39 13 5.73V7H14C17.87 7 21 10.13 21 14H22C22.55 14 23 14.45 23 15M21 16H19V14C19 11.24 16.76 9 14 9H10C7.24 9 5 11.24 5 14V16H3V17H5V20H19V17H21V16Z",
	search: Ke,
	select: He,
	shield: "M21,11C21,16.55 17.16,21.74 12,23C6.84,21.74 3,16.55 3,11V5L12,1L21,5V11M12,21C15.75,20 19,15.54 19,11.22V6.3L12,3.18L5,6.3V11.22C5,15.54 8.25,20 12,21M14.8,11V9.5C14.8,8.1 13.4,7 12,7C10.6,7 9.2,8.1 9.2,9.5V11C8.6,11 8,11.6 8,12.2V15.7C8,16.4 8.6,17 9.2,17H14.7C15.4,17 16,16.4 16,15.8V12.3C16,11.6 15.4,11 14.8,11M13.5,11H10.5V9.5C10.5,8.7 11.2,8.2 12,8.2C12.8,8.2 13.5,8.7 13.5,9.5V11Z",
	takenOut: "M2 17A2 2 0 0 0 4 19H20A2 2 0 0 0 22 17V12H20V17H4V12H2M14.12 5.46L15.54 6.88L13.41 9L15.54 11.12L14.12 12.54L12 10.41L9.88 12.54L8.46 11.12L10.59 9L8.46 6.88L9.88 5.46L12 7.59Z",
	toggle: "M17 6H7C3.69 6 1 8.69 1 12S3.69 18 7 18H17C20.31 18 23 15.31 23 12S20.31 6 17 6M17 16H7C4.79 16 3 14.21 3 12S4.79 8 7 8H17C19.21 8 21 9.79 21 12S19.21 16 17 16M17 9C15.34 9 14 10.34 14 12S15.34 15 17 15 20 13.66 20 12 18.66 9 17 9Z"
}, et = {
	disconnected: Ue,
	listening: ze,
	muted: Ye,
	not_listening: Xe,
	recording: $e
};
function J(e) {
	return N`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" d=${e}></path></svg>`;
}
// src/progress.ts
function tt(e, t) {
	switch (t.type) {
		case "destroying": return {
			...e,
			total: t.total
		};
		case "receipt": return {
			...e,
			receipt: t.receipt,
			left: t.receipt.pending
		};
		case "removing": return {
			...e,
			left: Math.min(e.left ?? t.left, t.left)
		};
		case "counted": return {
			...e,
			left: 0,
			rows: t.rows
		};
		case "failed": return {
			...e,
			failed: t.code
		};
	}
}
// src/styles.ts
var nt = o`
  :host {
    --vp-accent: var(--primary-color);
    --vp-danger: var(--ha-color-fill-danger-loud-resting, #c5303f);
    --vp-on-danger: var(--ha-color-on-danger-loud, #fff);
    --vp-danger-text: var(--ha-color-on-danger-quiet, #b3202f);
    --vp-good-text: var(--ha-color-on-success-quiet, #00743a);
    --vp-warn-text: var(--ha-color-on-warning-quiet, #a34200);
    --vp-card: var(--ha-card-background, var(--card-background-color, #fff));
    --vp-line: var(--divider-color, rgba(0, 0, 0, 0.12));
    --vp-tint: color-mix(in srgb, var(--vp-accent) 10%, transparent);
    --vp-radius: var(--ha-card-border-radius, 12px);
    display: block;
    color: var(--primary-text-color);
    font-family: var(--ha-font-family-body, Roboto, sans-serif);
    font-size: 14px;
    line-height: 1.45;
    -webkit-font-smoothing: antialiased;
  }
  * {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p {
    margin: 0;
  }
  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .icon {
    width: 20px;
    height: 20px;
    flex: none;
    display: block;
  }
  .muted-text {
    color: var(--secondary-text-color);
  }
  .card {
    background: var(--vp-card);
    border: 1px solid var(--vp-line);
    border-radius: var(--vp-radius);
  }
  button,
  input,
  select {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
    border: 0;
    background: none;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
  }
  button:disabled {
    cursor: default;
    opacity: 0.5;
  }
  :focus-visible {
    outline: 2px solid var(--vp-accent);
    outline-offset: 2px;
  }
  .button {
    min-height: 40px;
    padding: 0 16px;
    border-radius: 20px;
    font-weight: 500;
    border: 1px solid var(--vp-line);
    background: var(--vp-card);
    transition: background 120ms;
  }
  a.button {
    display: inline-flex;
    align-items: center;
    text-decoration: none;
    color: inherit;
  }
  .slider {
    appearance: none;
    width: 100%;
    height: 24px;
    margin: 0;
    background: none;
    cursor: pointer;
  }
  .slider::-webkit-slider-runnable-track {
    height: 6px;
    border-radius: 3px;
    background: color-mix(in srgb, var(--primary-text-color) 18%, transparent);
  }
  .slider::-moz-range-track {
    height: 6px;
    border-radius: 3px;
    background: color-mix(in srgb, var(--primary-text-color) 18%, transparent);
  }
  .slider::-webkit-slider-thumb {
    appearance: none;
    width: 20px;
    height: 20px;
    margin-top: -7px;
    border-radius: 50%;
    background: var(--vp-accent);
  }
  .slider::-moz-range-thumb {
    width: 20px;
    height: 20px;
    border: none;
    border-radius: 50%;
    background: var(--vp-accent);
  }
  .slider:disabled {
    opacity: 0.5;
    cursor: default;
  }
  .button:hover:not(:disabled) {
    background: color-mix(in srgb, var(--primary-text-color) 6%, var(--vp-card));
  }
  .button.danger {
    border-color: transparent;
    background: var(--vp-danger);
    color: var(--vp-on-danger);
  }
  .button.danger:hover:not(:disabled) {
    background: color-mix(in srgb, #000 12%, var(--vp-danger));
  }
  .button.danger-quiet {
    color: var(--vp-danger-text);
  }
  .icon-button {
    width: 40px;
    height: 40px;
    border-radius: 50%;
    color: var(--secondary-text-color);
    transition: background 120ms;
  }
  .icon-button:hover:not(:disabled) {
    background: color-mix(in srgb, var(--primary-text-color) 8%, transparent);
    color: var(--primary-text-color);
  }
  .field {
    min-height: 40px;
    border-radius: 10px;
    border: 1px solid color-mix(in srgb, var(--primary-text-color) 24%, transparent);
    background: var(--vp-card);
    padding: 0 12px;
  }
  input[type="checkbox"].box {
    width: 18px;
    height: 18px;
    margin: 0;
    accent-color: var(--vp-accent);
  }
  .switch {
    appearance: none;
    position: relative;
    flex: none;
    width: 46px;
    height: 26px;
    margin: 0;
    border-radius: 13px;
    cursor: pointer;
    background: var(--vp-card);
    border: 2px solid var(--secondary-text-color);
    transition: background 150ms;
  }
  .switch::after {
    content: "";
    position: absolute;
    inset-block-start: 4px;
    inset-inline-start: 4px;
    width: 14px;
    height: 14px;
    border-radius: 50%;
    background: var(--secondary-text-color);
    transition: inset-inline-start 150ms;
  }
  .switch:checked {
    background: var(--vp-accent);
    border-color: var(--vp-accent);
  }
  .switch:checked::after {
    inset-block-start: 2px;
    inset-inline-start: 22px;
    width: 18px;
    height: 18px;
    background: #fff;
  }
  .switch:disabled {
    cursor: default;
    opacity: 0.5;
  }
  .state {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    font-weight: 500;
    white-space: nowrap;
  }
  .badge {
    display: grid;
    place-items: center;
    flex: none;
    width: 36px;
    height: 36px;
    border-radius: 50%;
    border: 2px solid transparent;
  }
  .badge.listening {
    background: color-mix(in srgb, var(--vp-good-text) 14%, transparent);
    color: var(--vp-good-text);
  }
  .badge.recording {
    background: var(--vp-danger);
    color: var(--vp-on-danger);
    border-radius: 10px;
    animation: breathe 1.6s ease-in-out infinite;
  }
  .badge.muted {
    background: color-mix(in srgb, var(--primary-text-color) 10%, transparent);
    color: var(--primary-text-color);
  }
  .badge.disconnected,
  .badge.not_listening {
    border: 2px dashed var(--secondary-text-color);
    color: var(--secondary-text-color);
  }
  @keyframes breathe {
    50% {
      box-shadow: 0 0 0 6px color-mix(in srgb, var(--vp-danger) 22%, transparent);
    }
  }
  .wave {
    display: block;
    width: 100%;
    height: 100%;
    overflow: visible;
  }
  .wave path {
    fill: none;
    stroke-width: 2px;
    stroke-linecap: round;
    vector-effect: non-scaling-stroke;
  }
  .wave .rest {
    stroke: color-mix(in srgb, var(--primary-text-color) 32%, transparent);
  }
  .wave .played {
    visibility: var(--played, hidden);
    stroke: var(--vp-accent);
    clip-path: inset(-4px calc(100% - var(--progress, 0%)) -4px -4px);
  }
  .play {
    width: 44px;
    height: 44px;
    flex: none;
    border-radius: 50%;
    background: var(--vp-tint);
    color: var(--primary-text-color);
    transition:
      background 120ms,
      transform 120ms;
  }
  .play .icon {
    width: 24px;
    height: 24px;
  }
  .play:hover:not(:disabled) {
    background: color-mix(in srgb, var(--vp-accent) 24%, transparent);
  }
  .play:active {
    transform: scale(0.94);
  }
  .play.active {
    background: var(--vp-accent);
    color: var(--text-primary-color, #fff);
  }
  .note {
    display: flex;
    gap: 10px;
    align-items: flex-start;
    padding: 12px 14px;
    border-radius: 10px;
    background: color-mix(in srgb, var(--primary-text-color) 5%, transparent);
  }
  .note.warn {
    background: color-mix(in srgb, var(--vp-warn-text) 12%, transparent);
  }
  .note.warn .icon {
    color: var(--vp-warn-text);
  }
  .empty {
    display: grid;
    justify-items: center;
    gap: 10px;
    text-align: center;
    padding: 56px 24px;
    color: var(--secondary-text-color);
  }
  .empty h2 {
    color: var(--primary-text-color);
    font-size: 18px;
    font-weight: 500;
  }
  .empty p {
    max-width: 46ch;
  }
  .empty .hero {
    width: 72px;
    height: 72px;
    display: grid;
    place-items: center;
    border-radius: 24px;
    color: #fff;
    background: linear-gradient(135deg, #0d8a80, #1a4fa0);
    margin-bottom: 6px;
  }
  .empty .hero .icon {
    width: 36px;
    height: 36px;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`, rt = o`
  dialog {
    color: var(--primary-text-color);
    background: var(--vp-card);
    border: 0;
    padding: 0;
    border-radius: 24px;
    width: min(480px, calc(100vw - 32px));
    max-height: calc(100dvh - 48px);
    box-shadow: 0 24px 64px rgba(0, 0, 0, 0.35);
  }
  dialog::backdrop {
    background: rgba(0, 0, 0, 0.5);
  }
  .dialog {
    display: grid;
    gap: 16px;
    padding: 24px;
  }
  .dialog h2 {
    font-size: 20px;
    font-weight: 500;
    line-height: 1.3;
  }
  .dialog ul {
    margin: 0;
    padding-inline-start: 20px;
    display: grid;
    gap: 4px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 8px;
    margin-top: 4px;
  }
  .choice {
    width: 100%;
    justify-content: flex-start;
    text-align: start;
    gap: 14px;
    padding: 12px 14px;
    border-radius: 14px;
    border: 1px solid var(--vp-line);
  }
  .choice:hover {
    background: color-mix(in srgb, var(--primary-text-color) 5%, transparent);
  }
  .choice small {
    display: block;
    font-size: 13px;
    color: var(--secondary-text-color);
  }
  .choice strong {
    font-weight: 500;
  }
  .fields {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 12px;
  }
  .fields label,
  .typed {
    display: grid;
    gap: 4px;
    font-size: 13px;
    color: var(--secondary-text-color);
  }
  .fields .field,
  .typed .field {
    font-size: 14px;
    width: 100%;
    color: var(--primary-text-color);
  }
  .bar {
    height: 6px;
    border-radius: 3px;
    overflow: hidden;
    background: color-mix(in srgb, var(--primary-text-color) 12%, transparent);
  }
  .bar i {
    display: block;
    height: 100%;
    border-radius: 3px;
    background: var(--vp-accent);
    transition: width 120ms;
  }
  .bar i.endless {
    width: 35%;
    animation: travel 1.1s ease-in-out infinite alternate;
  }
  @keyframes travel {
    to {
      margin-inline-start: 65%;
    }
  }
  .quota {
    display: grid;
    gap: 6px;
    margin: 8px 0;
    font-size: 12px;
  }
  .receipt {
    display: grid;
    gap: 0;
    margin: 0;
  }
  .receipt div {
    display: flex;
    justify-content: space-between;
    gap: 16px;
    padding: 8px 0;
    border-bottom: 1px solid var(--vp-line);
  }
  .receipt dt {
    color: var(--secondary-text-color);
  }
  .receipt dd {
    margin: 0;
    font-weight: 500;
    text-align: end;
  }
  .seal {
    width: 44px;
    height: 44px;
    border-radius: 14px;
    display: grid;
    place-items: center;
    color: var(--vp-good-text);
    background: color-mix(in srgb, var(--vp-good-text) 14%, transparent);
  }
  .seal.warn {
    color: var(--vp-warn-text);
    background: color-mix(in srgb, var(--vp-warn-text) 14%, transparent);
  }
  @media (max-width: 600px) {
    dialog {
      width: 100vw;
      max-width: 100vw;
      margin: auto 0 0;
      border-radius: 24px 24px 0 0;
      padding-bottom: env(safe-area-inset-bottom);
    }
    .actions .button {
      flex: 1;
    }
  }
`;
Te("voice-privacy-deletion", class extends we {
	static {
		this.styles = [nt, rt];
	}
	static {
		this.properties = {
			...we.properties,
			wish: { state: !0 },
			preview: { state: !0 },
			stage: { state: !0 },
			progress: { state: !0 },
			word: { state: !0 },
			failure: { state: !0 },
			finished: { state: !0 }
		};
	}
	async ask(e) {
		this.wish = e, this.preview = this.failure = this.finished = void 0, this.progress = {}, this.word = "", this.stage = "asking", await this.updateComplete, this.dialog.showModal(), this.renderRoot.querySelector("[data-first]")?.focus();
		try {
			this.preview = await this.house.call("recordings/preview", e.request);
		} catch (e) {
			this.failure = K(e), this.stage = "failed";
		}
	}
	get dialog() {
		return this.renderRoot.querySelector("dialog");
	}
	async delete() {
		this.stage = "deleting", this.progress = {};
		try {
			await this.house.follow("recordings/delete", {
				...this.wish.request,
				follow: !0
			}, (e) => this.told(e));
		} catch (e) {
			await this.ended(K(e));
		}
	}
	told(e) {
		this.progress = tt(this.progress, e), e.type === "failed" ? this.ended(new G(e.code)) : e.type === "receipt" && this.ended();
	}
	async ended(e) {
		this.failure = e, this.finished = /* @__PURE__ */ new Date(), this.stage = e ? "failed" : "done", await this.updateComplete, this.renderRoot.querySelector("[data-first]")?.focus();
	}
	close() {
		this.dialog.close();
	}
	closed() {
		let e = this.progress.receipt;
		this.wish = void 0, this.dispatchEvent(new CustomEvent("vp-closed", { detail: e }));
	}
	render() {
		return N`<dialog
      aria-labelledby="title"
      @cancel=${(e) => this.stage === "deleting" && e.preventDefault()}
      @close=${this.closed}
    >
      ${this.wish ? N`<div class="dialog">${this.body()}</div>` : ""}
    </dialog>`;
	}
	body() {
		switch (this.stage) {
			case "deleting": return N`<h2 id="title">${this.t("delete.working")}</h2>
          <div class="bar"><i class="endless"></i></div>
          <p role="status">
            ${this.progress.total ? this.texts.count("recordings", this.progress.total) + " · " : ""}${this.t("delete.working_detail")}
          </p>`;
			case "done": return this.receiptBody(this.progress.receipt);
			case "failed": return N`<div class="seal warn">${J(q.alert)}</div>
          <h2 id="title">${this.t("delete.failed")}</h2>
          <p role="alert">${this.texts.error(this.failure.code)}</p>
          <div class="actions">
            <button class="button" data-first @click=${this.close}>${this.t("common.close")}</button>
            <button class="button danger" @click=${() => void this.delete()}>${this.t("common.retry")}</button>
          </div>`;
			default: return this.question();
		}
	}
	question() {
		let { wish: e, preview: t } = this, n = this.t("delete.word"), r = t && t.count > 0 && (!e.typed || this.word.trim().toLocaleUpperCase() === n), i = t ? Object.entries(t.satellites).sort(([, e], [, t]) => t - e) : [];
		return N`<h2 id="title">${e.title}</h2>
      ${t ? t.count === 0 ? N`<p role="status">${this.t("delete.nothing")}</p>` : N`<div>
                <p>
                  <strong>${this.texts.count("recordings", t.count)}</strong>${this.texts.behind(t.size)} ·
                  ${t.count === 1 ? this.texts.dateTime(t.first) : this.t("delete.span", {
			first: this.texts.dateTime(t.first),
			last: this.texts.dateTime(t.last)
		})}
                </p>
                <p class="muted-text">
                  ${i.map(([e, t], n) => N`${n ? " · " : ""}<bdi>${this.house.nameOf(e) ?? this.t("common.removed_satellite")}</bdi>
                        ${this.texts.number(t)}`)}
                </p>
              </div>
              <ul>
                <li>${this.t("delete.now")}</li>
                <li>${this.t("delete.no_undo")}</li>
                <li>${this.t("delete.not_reached")}</li>
              </ul>
              ${e.typed ? N`<label class="typed"
                    >${this.t("delete.type", { word: n })}
                    <input
                      class="field"
                      autocomplete="off"
                      spellcheck="false"
                      .value=${this.word}
                      @input=${(e) => this.word = e.target.value}
                  /></label>` : ""}` : N`<p class="muted-text" role="status">${this.t("delete.looking")}</p>`}
      <div class="actions">
        <button class="button" data-first @click=${this.close}>${this.t("common.cancel")}</button>
        <button class="button danger" id="confirm" ?disabled=${!r} @click=${() => void this.delete()}>
          ${J(q.deleted)}${this.t("delete.button", { recordings: this.texts.count("recordings", t?.count ?? 0) })}
        </button>
      </div>`;
	}
	afterwards(e) {
		let { left: t, rows: n } = this.progress;
		if (!e.deleted) return "";
		if (n !== void 0) {
			let e = n === null ? "receipt.rows_unknown" : n ? "receipt.rows_left" : "receipt.rows_gone";
			return N`<p class="muted-text" role="status" data-counted>
        ${this.t(e, { count: this.texts.number(n ?? 0) })}
      </p>`;
		}
		let r = e.pending || 1;
		return N`<div class="bar"><i style="width:${100 * (1 - Math.min(1, (t ?? r) / r))}%"></i></div>
      <p class="muted-text">${this.t("receipt.pending", { count: this.texts.number(t ?? r) })}</p>`;
	}
	receiptBody(e) {
		let t = e.verified && e.left === 0, n = [
			[this.t("receipt.deleted"), this.texts.number(e.deleted)],
			[this.t("receipt.keys"), this.t(e.verified ? "receipt.keys_zero" : "receipt.keys_unsure")],
			[this.t("receipt.left"), this.texts.number(e.left)]
		];
		return e.size !== null && n.splice(1, 0, [this.t("receipt.freed"), this.texts.size(e.size)]), e.already_gone && n.push([this.t("receipt.already_gone"), this.texts.number(e.already_gone)]), N`<div class="seal ${t ? "" : "warn"}">${J(t ? q.done : q.alert)}</div>
      <h2 id="title" data-receipt>
        <span role="status"
          >${this.t(t ? "receipt.title" : "receipt.title_partial", {
			recordings: this.texts.count("recordings", e.deleted),
			time: this.texts.timeWithSeconds(this.finished)
		})}</span
        >
      </h2>
      <dl class="receipt">
        ${n.map(([e, t]) => N`<div><dt>${e}</dt><dd><bdi>${t}</bdi></dd></div>`)}
      </dl>
      ${this.afterwards(e)}
      ${e.not_reachable.length ? N`<p class="muted-text">${this.t("receipt.not_reached")}</p>
            <ul class="muted-text">
              ${e.not_reachable.map((e) => N`<li>${this.t(`not_reachable.${e}`)}</li>`)}
            </ul>` : ""}
      <p class="muted-text">${this.t("delete.not_reached")}</p>
      <div class="actions">
        ${e.left ? N`<button class="button danger" @click=${() => void this.delete()}>${this.t("common.retry")}</button>` : ""}
        <button class="button" data-first @click=${this.close}>${this.t("common.done")}</button>
      </div>`;
	}
});
// src/keeping.ts
function it(e, t) {
	return e.guest_mode.on ? "guest_mode" : t.toggles.save_recordings.on ? "recordings" : "saving_off";
}
function at({ house: e, satellites: t }) {
	return {
		on: t.filter((t) => it(e.toggles, t) === "recordings").length,
		all: t.length
	};
}
// src/microphone-row.ts
function ot(e, t) {
	return it(e.state.house.toggles, t);
}
function st(e, t, n) {
	return n.state === "recording" && ot(t, n) !== "recordings" ? e.get("state.hearing") : e.get(`state.${n.state}`);
}
function ct(e, t, n) {
	let r = st(e, t, n);
	return ut(n) && ot(t, n) !== "recordings" ? `${r} · ${e.get("state.keeps_nothing")}` : r;
}
function lt(e) {
	return N`<span class="badge ${e.state}">${J(et[e.state])}</span>`;
}
function ut(e) {
	return e.state === "listening" || e.state === "recording";
}
// src/player.ts
var dt = class {
	constructor(e, t, n, r = "recordings") {
		this.house = e, this.changed = t, this.failed = n, this.folder = r, this.state = "idle", this.audio = new Audio(), this.frame = 0, this.audio.addEventListener("ended", () => this.stop()), this.audio.addEventListener("play", () => this.tick());
	}
	get progress() {
		return this.audio.duration > 0 ? Math.min(1, this.audio.currentTime / this.audio.duration) : 0;
	}
	async toggle(e, t = 0) {
		this.id === e && this.state === "playing" ? (this.audio.pause(), this.set("paused")) : this.id === e && this.state === "paused" ? (this.set("playing"), await this.audio.play()) : await this.start(e, t);
	}
	async seek(e, t) {
		this.id !== e || !this.url ? await this.start(e, t) : this.audio.currentTime = t * this.audio.duration, this.changed();
	}
	stop() {
		cancelAnimationFrame(this.frame), this.audio.pause(), this.audio.removeAttribute("src"), this.url && URL.revokeObjectURL(this.url), this.url = this.id = void 0, this.set("idle");
	}
	async start(e, t) {
		this.stop(), this.id = e, this.set("loading");
		try {
			let n = await (await this.house.fetch(`${this.folder}/${e}/audio`)).blob();
			if (this.id !== e) return;
			this.url = URL.createObjectURL(n), this.audio.src = this.url, await this.audio.play(), t > 0 && (this.audio.currentTime = t * this.audio.duration), this.set("playing");
		} catch (t) {
			if (this.id !== e) return;
			this.stop(), t.name !== "AbortError" && this.failed(K(t));
		}
	}
	tick() {
		cancelAnimationFrame(this.frame), this.changed(), this.audio.paused || (this.frame = requestAnimationFrame(() => this.tick()));
	}
	set(e) {
		this.state = e, this.changed();
	}
}, ft = `component.${W}.config_panel.`, pt = class {
	constructor(e, t = {}, n, r, i) {
		this.language = e, this.resources = t, this.timeZone = n, this.hour12 = r, this.houseZone = i, this.plural = new Intl.PluralRules(e);
	}
	get(e, t = {}) {
		return (this.resources[ft + e] ?? "").replace(/\{(\w+)\}/g, (e, n) => n in t ? String(t[n]) : e);
	}
	count(e, t) {
		return this.get(`plural.${e}_${this.plural.select(t)}`, { count: this.number(t) });
	}
	error(e) {
		return this.get(`errors.${e}`) || this.get("errors.failed");
	}
	number(e, t = {}) {
		return new Intl.NumberFormat(this.language, t).format(e);
	}
	percent(e) {
		return this.number(e, {
			style: "percent",
			maximumFractionDigits: 0
		});
	}
	size(e) {
		let t = [
			"byte",
			"kilobyte",
			"megabyte",
			"gigabyte"
		], n = e, r = 0;
		for (; n >= 1e3 && r < t.length - 1;) n /= 1e3, r += 1;
		let i = +(r > 0 && n < 10);
		return this.number(n, {
			style: "unit",
			unit: t[r],
			maximumFractionDigits: i
		});
	}
	behind(e) {
		return e === null ? F : N` · <bdi class="size">${this.size(e)}</bdi>`;
	}
	seconds(e) {
		return this.number(e, {
			style: "unit",
			unit: "second",
			unitDisplay: "narrow",
			minimumFractionDigits: 1,
			maximumFractionDigits: 1
		});
	}
	clock(e) {
		let t = Math.max(0, Math.floor(e));
		return `${Math.floor(t / 60)}:${String(t % 60).padStart(2, "0")}`;
	}
	time(e) {
		return this.date(e, {
			hour: "numeric",
			minute: "2-digit"
		});
	}
	timeWithSeconds(e) {
		return this.date(e, {
			hour: "numeric",
			minute: "2-digit",
			second: "2-digit"
		});
	}
	dateTime(e) {
		return this.date(e, {
			day: "numeric",
			month: "short",
			hour: "numeric",
			minute: "2-digit"
		});
	}
	shortDate(e) {
		return this.date(e, {
			day: "numeric",
			month: "short"
		});
	}
	day(e, t) {
		let [n, r, i] = e.split("-").map(Number), a = new Date(Date.UTC(n, r - 1, i, 12)), o = e.slice(0, 4) !== t.slice(0, 4), s = new Intl.DateTimeFormat(this.language, {
			weekday: "long",
			day: "numeric",
			month: "long",
			...o ? { year: "numeric" } : {},
			timeZone: "UTC"
		}).format(a), c = Math.round((Date.parse(t) - Date.parse(e)) / 864e5);
		if (c !== 0 && c !== 1) return s;
		let l = new Intl.RelativeTimeFormat(this.language, { numeric: "auto" }).format(-c, "day");
		return `${l.charAt(0).toLocaleUpperCase(this.language)}${l.slice(1)} · ${s}`;
	}
	isoDay(e, t = this.timeZone) {
		return new Intl.DateTimeFormat("en-CA", { timeZone: t }).format(new Date(e));
	}
	startOfDay(e, t = 0) {
		let [n, r, i] = e.split("-").map(Number), a = Date.UTC(n, r - 1, i + t), o = new Date(a).toISOString().slice(0, 10);
		for (let e = -840; e <= 840; e += 15) {
			let t = new Date(a + e * 6e4);
			if (this.isoDay(t.toISOString(), this.houseZone) === o) return t.toISOString();
		}
		return new Date(a).toISOString();
	}
	date(e, t) {
		return new Intl.DateTimeFormat(this.language, {
			...t,
			timeZone: this.timeZone,
			...t.hour && this.hour12 !== void 0 ? { hour12: this.hour12 } : {}
		}).format(typeof e == "string" ? new Date(e) : e);
	}
};
async function mt(e) {
	let { resources: t } = await e.callWS({
		type: "frontend/get_translations",
		language: e.language,
		category: "config_panel",
		integration: [W]
	}), n = {
		12: !0,
		24: !1
	}[e.locale.time_format], r = e.locale.time_zone === "server" ? e.config.time_zone : void 0;
	return new pt(e.language, t, r, n, e.config.time_zone);
}
// src/wave.ts
var ht = 3, gt = 48, Y = 32;
function _t(e) {
	return Array.from(atob(e), (e) => e.charCodeAt(0) / 255);
}
function vt(e) {
	let t = Math.max(1, Math.floor(e.length / gt));
	return Array.from({ length: Math.ceil(e.length / t) }, (n, r) => Math.max(...e.slice(r * t, (r + 1) * t)));
}
function yt(e) {
	return e.map((e, t) => {
		let n = Math.max(1, e * 28 / 2);
		return `M${t * ht + ht / 2} ${(Y / 2 - n).toFixed(1)}V${(Y / 2 + n).toFixed(1)}`;
	}).join("");
}
function bt(e) {
	let t = yt(vt(e ? _t(e) : Array(96).fill(0)));
	return pe`<svg class="wave" viewBox="0 0 ${144} ${Y}" preserveAspectRatio="none" aria-hidden="true">
    <path class="rest" d=${t}></path><path class="played" d=${t}></path>
  </svg>`;
}
// src/card.ts
var X = "voice-privacy-card", Z = 3, xt = class extends U {
	static {
		this.styles = [nt, o`
      .box {
        height: 100%;
        padding: 16px;
        display: flex;
        flex-direction: column;
        gap: 12px;
      }
      .head {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      .head h2 {
        flex: 1;
        font-size: 16px;
        font-weight: 500;
      }
      .line {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 44px;
      }
      .line > span:not(.badge, .shape) {
        flex: 1;
        min-width: 0;
      }
      .line b,
      .line small {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .line b {
        font-weight: 500;
      }
      .line small {
        font-size: 12px;
        color: var(--secondary-text-color);
      }
      label.line small {
        white-space: normal;
      }
      .rows {
        border-top: 1px solid var(--vp-line);
        padding-top: 8px;
      }
      .rows .wave {
        height: 24px;
      }
      .rows .shape {
        width: 90px;
        flex: none;
      }
      .play {
        width: 40px;
        height: 40px;
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin-top: auto;
      }
      .foot .button {
        flex: 1 0 auto;
        min-height: 38px;
        padding: 0 12px;
      }
      a {
        color: inherit;
        text-decoration: none;
      }
    `];
	}
	static {
		this.properties = {
			hass: { attribute: !1 },
			texts: { state: !0 },
			rows: { state: !0 },
			message: { state: !0 },
			config: { state: !0 }
		};
	}
	constructor() {
		super(), this.listened = !1, this.rows = [];
	}
	static getStubConfig() {
		return {
			rows: Z,
			show_transcripts: !1
		};
	}
	static getConfigForm() {
		return {
			schema: [
				{
					name: "title",
					selector: { text: {} }
				},
				{
					name: "satellites",
					selector: { device: {
						multiple: !0,
						filter: { integration: W }
					} }
				},
				{
					name: "rows",
					selector: { number: {
						min: 0,
						max: 10,
						mode: "slider"
					} }
				},
				{
					name: "show_transcripts",
					selector: { boolean: {} }
				},
				{
					name: "show_play",
					selector: { boolean: {} }
				}
			],
			computeLabel: ({ name: e }) => Q?.get(`card.option_${e}`) || e,
			computeHelper: ({ name: e }) => e === "show_transcripts" ? Q?.get("card.option_show_transcripts_detail") : void 0
		};
	}
	setConfig(e) {
		if (e.rows !== void 0 && !(e.rows >= 0 && e.rows <= 10)) throw Error("rows: 0 to 10");
		let t = this.config && (this.config.rows !== e.rows || this.config.show_transcripts !== e.show_transcripts);
		this.config = e, t && this.load();
	}
	getCardSize() {
		return 3 + (this.config?.rows ?? Z);
	}
	getGridOptions() {
		return {
			columns: 12,
			min_columns: 6,
			rows: "auto",
			min_rows: 3
		};
	}
	get hass() {
		return this.current;
	}
	set hass(e) {
		this.current = e, this.house ? this.house.update(e) : (this.house = new De(e), this.player = new dt(this.house, () => this.requestUpdate(), (e) => this.tell(this.texts.error(e.code))), this.follow()), e.language !== this.language && (this.language = e.language, mt(e).then((e) => this.texts = Q = e)), this.style.colorScheme = e.themes.darkMode ? "dark" : "light";
	}
	connectedCallback() {
		super.connectedCallback(), this.follow();
	}
	disconnectedCallback() {
		super.disconnectedCallback(), this.player?.stop(), this.unlisten?.(), this.unlisten = void 0, this.house?.close();
	}
	follow() {
		this.house && this.isConnected && !this.unlisten && (this.unlisten = this.house.listen(this), this.house.open());
	}
	houseChanged() {
		let e = this.house.state?.permissions.listen ?? !1;
		e && !this.listened && this.load(), e || (this.rows = []), this.listened = e, this.requestUpdate();
	}
	recordingsAdded() {
		this.load();
	}
	recordingsDeleted(e) {
		this.player?.id && e.includes(this.player.id) && this.player.stop(), this.rows = this.rows.filter((t) => !e.includes(t.id)), this.load();
	}
	recordingsReset() {
		this.load();
	}
	async load() {
		let e = this.config?.rows ?? Z;
		if (!this.house?.state?.permissions.listen || e < 1) this.rows = [];
		else try {
			let t = this.config?.show_transcripts ?? !1;
			this.rows = (await this.house.call("recordings/list", {
				limit: e,
				content: t
			})).recordings;
		} catch (e) {
			this.tell(this.texts?.error(K(e).code) ?? "");
		}
	}
	tell(e) {
		this.message = e;
	}
	async set(e, t, n) {
		this.message = void 0;
		try {
			await this.house.call("settings/set", {
				toggle: e,
				on: t,
				...n ? { satellite_ids: [n] } : {}
			});
		} catch (e) {
			this.tell(this.texts.error(K(e).code));
		}
		this.requestUpdate();
	}
	ask(e) {
		this.renderRoot.querySelector("voice-privacy-deletion")?.ask(e);
	}
	render() {
		let { texts: e, house: t, config: n } = this;
		if (!e || !t || !n) return F;
		let r = t.state;
		return N`<ha-card><div class="box">
      <div class="head">
        ${J(q.shield)}
        <h2>${n.title || e.get("page.title")}</h2>
        <a class="button" href="/voice-privacy/recordings">${e.get("card.open")}</a>
      </div>
      ${r ? this.body(e, t) : N`<p class="muted-text" role="status">${e.get(t.status === "not_loaded" ? "page.not_loaded" : "common.loading")}</p>`}
      ${this.message ? N`<p class="note warn" role="alert">${J(q.alert)}${this.message}</p>` : F}
    </div></ha-card>
    ${r ? N`<voice-privacy-deletion .house=${t} .texts=${e}></voice-privacy-deletion>` : F}`;
	}
	body(e, t) {
		let { permissions: n, may: r, satellites: i, house: a } = t.state, o = this.config.satellites, s = o?.length ? i.filter((e) => o.includes(e.id) || o.includes(e.device_id ?? "")) : i, c = s.filter((e) => n.control.includes(e.id)).map((e) => e.id), l = s.length === i.length && n.admin ? {} : { satellite_ids: c };
		return N`<div>
        ${s.map((r) => N`<label class="line">
            ${lt(r)}<span><b><bdi>${r.name}</bdi></b><small>${ct(e, t, r)}</small></span>
            <input
              type="checkbox"
              role="switch"
              class="switch"
              ?disabled=${!n.control.includes(r.id)}
              .checked=${!r.toggles.muted.on}
              @change=${(e) => void this.set("muted", !e.target.checked, r.id)}
            />
          </label>`)}
        <label class="line">
          <span class="badge ${a.toggles.guest_mode.on ? "listening" : "muted"}">${J(q.lock)}</span
          ><span><b>${e.get("consent.guest_mode")}</b><small>${this.guestMode(e, t)}</small></span>
          <input
            type="checkbox"
            role="switch"
            class="switch"
            ?disabled=${!r.guest_mode}
            .checked=${a.toggles.guest_mode.on}
            @change=${(e) => void this.set("guest_mode", e.target.checked)}
          />
        </label>
      </div>
      ${this.rows.length ? N`<div class="rows" role="list">${this.rows.map((n) => this.row(e, t, n))}</div>` : N`<p class="muted-text">${e.count("recordings", a.recordings)}</p>`}
      ${c.length ? N`<div class="foot">
            <button class="button" @click=${() => this.ask({
			title: e.get("delete.title_last"),
			request: {
				scope: "last",
				...l
			}
		})}>
              ${e.get("card.delete_last")}
            </button>
            <button class="button" @click=${() => this.ask({
			title: e.get("delete.title_today"),
			request: {
				scope: "today",
				...l
			}
		})}>
              ${e.get("card.delete_today")}
            </button>
          </div>` : F}`;
	}
	guestMode(e, t) {
		let { toggles: n } = t.state.house;
		return n.guest_mode.on ? e.get("card.guest_mode_on") : e.get("card.guest_mode_off", at(t.state));
	}
	row(e, t, n) {
		let r = t.nameOf(n.satellite_id) ?? e.get("common.removed_satellite"), i = `${e.time(n.started_at)}, ${r}`, a = this.player.id === n.id, o = a && this.player.state !== "paused";
		return N`<div class="line" role="listitem">
      ${this.config.show_play === !1 ? F : N`<button
            class="play ${a ? "active" : ""}"
            aria-label=${e.get(o ? "recordings.pause" : "recordings.play", { recording: i })}
            @click=${() => void this.player.toggle(n.id)}
          >
            ${J(o ? q.pause : q.play)}
          </button>`}
      <span><b dir="auto">${n.transcript ?? i}</b><small>${n.transcript ? i : e.seconds(n.seconds)}</small></span>
      ${n.peaks ? N`<span class="shape" dir="ltr" style="--progress:${a ? this.player.progress * 100 : 0}%;--played:${a ? "visible" : "hidden"}">${bt(n.peaks)}</span>` : F}
    </div>`;
	}
}, Q;
Te(X, xt);
var $ = window;
$.customCards = $.customCards ?? [], $.customCards.some((e) => e.type === X) || $.customCards.push({
	type: X,
	name: "Voice privacy",
	description: "Microphones, guest mode, and the last recordings",
	preview: !0,
	getEntitySuggestion: (e, t) => e.entities?.[t]?.platform === "voice_privacy" ? { config: { type: `custom:${X}` } } : null
});
export { xt as VoicePrivacyCard };
