'use strict';
// The node timeline: a row for each node while a row has a pixel, and the shares of each class below that. It says in
// `data-ready` of the root that it is done, with the times that it took.
(async () => {
  const began = performance.now();
  const root = document.documentElement.dataset;
  const byId = id => document.getElementById(id);
  const data = JSON.parse(byId('data').textContent);
  addEventListener('beforeprint', () => document.querySelectorAll('details').forEach(it => { it.open = true; }));
  // ---- decisions: filtered by what they say, linked to the timeline below
  const listed = [...document.querySelectorAll('.decisions li')];
  if (listed.length) {
    const find = byId('decision-find');
    const filter = () => {
      const part = find.value.toLowerCase();
      for (const it of listed) it.hidden = !it.textContent.toLowerCase().includes(part);
      byId('decision-count').textContent = `${listed.filter(it => !it.hidden).length} of ${listed.length} decisions`;
    };
    byId('decision-tools').hidden = false;
    find.addEventListener('input', filter);
    filter();
  }
  const canvas = byId('timeline');
  if (!data || !canvas) { root.ready = 'yes'; return; }
  byId('live').hidden = false;
  const told = byId('told');
  if (typeof DecompressionStream === 'undefined') {
    told.textContent = 'This browser cannot unpack the timeline (it is from before 2023); plots/nodes.svg shows some of its nodes.';
    root.ready = 'yes';
    return;
  }

  // ---- the data: columns of LEB128 numbers, deflated, in base 64
  const { states, nodes, classes, words, unit, horizon, warm, fleet } = data;
  const unpack = async text => {
    const raw = Uint8Array.from(atob(text), c => c.charCodeAt(0));
    const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };
  const numbers = bytes => {
    const out = new Uint32Array(bytes.length);
    let n = 0, value = 0, factor = 1;
    for (const byte of bytes) {
      value += (byte & 127) * factor;
      if (byte > 127) { factor *= 128; } else { out[n++] = value; value = 0; factor = 1; }
    }
    return out.subarray(0, n);
  };
  const read = async arm => {
    const columns = await Promise.all([arm.counts, arm.lengths, arm.states, arm.whose].map(unpack));
    const [counts, lengths, state, whose] = columns.map(numbers);
    const from = new Uint32Array(lengths.length), to = new Uint32Array(lengths.length), end = new Uint32Array(nodes.length + 1);
    for (let n = 0, i = 0; n < nodes.length; n++) {
      for (let t = 0, k = counts[n]; k > 0; k--, i++) { from[i] = t; t += lengths[i]; to[i] = t; }
      end[n + 1] = i;
    }
    return { label: arm.label, from, to, state, whose, end };
  };
  const arms = await Promise.all(data.arms.map(read));

  // ---- what is shown
  const FOOT = 26;
  let LEFT = 150;
  const pick = byId('strategy'), find = byId('find'), count = byId('count');
  arms.forEach((arm, i) => pick.add(new Option(arm.label, i)));
  let arm = arms[0], shown = nodes.map((_, i) => i);
  let x0 = 0, x1 = horizon, y0 = 0, rows = shown.length, cursor = null, colours = [], ink = {};
  const filter = () => {
    const part = find.value.toLowerCase();
    const fits = i => nodes[i].toLowerCase().includes(part) || classes[data.class[i]].toLowerCase().includes(part);
    shown = nodes.map((_, i) => i).filter(fits);
    rows = Math.max(1, shown.length);
    y0 = 0;
    cursor = null;
    const rest = fleet > nodes.length ? `, of ${fleet} in the fleet` : '';
    count.textContent = `${shown.length} of ${nodes.length} ${rest ? 'recorded ' : ''}nodes${rest}`;
  };
  const clamp = () => {
    const span = Math.max(Math.min(horizon, 60 / unit), Math.min(horizon, x1 - x0));
    x0 = Math.max(0, Math.min(horizon - span, x0));
    x1 = x0 + span;
    rows = Math.max(1, Math.min(Math.max(1, shown.length), Math.round(rows)));
    y0 = Math.max(0, Math.min(shown.length - rows, Math.round(y0)));
  };
  const theme = () => {
    const style = getComputedStyle(document.documentElement);
    const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const variable = (name, other) => style.getPropertyValue('--' + name).trim() || other;
    colours = states.map(state => {
      probe.fillStyle = variable(state.name, state.ink);
      probe.fillRect(0, 0, 1, 1);
      const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
      return (255 << 24 | b << 16 | g << 8 | r) >>> 0;
    });
    ink = { text: variable('ink', '#1b1b1b'), line: variable('line', '#d2d2cc'), paper: variable('paper', '#ffffff'), soft: variable('soft', '#565656') };
  };

  // ---- drawing
  const first = (n, t) => {
    let lo = arm.end[n], hi = arm.end[n + 1];
    while (lo < hi) { const mid = lo + hi >> 1; if (arm.to[mid] <= t) lo = mid + 1; else hi = mid; }
    return lo;
  };
  // A node in a row of its own; of a pixel's states the most telling is drawn, so that nothing short is lost.
  const drawRows = (pixels, w, h) => {
    const high = h / rows, scale = w / (x1 - x0), line = new Uint8Array(w);
    for (let r = 0; r < rows && y0 + r < shown.length; r++) {
      const top = Math.floor(r * high), base = Math.max(top + 1, Math.floor((r + 1) * high) - (high >= 6 ? 1 : 0));
      const n = shown[y0 + r];
      line.fill(255);
      for (let i = first(n, x0); i < arm.end[n + 1] && arm.from[i] < x1; i++) {
        const s = arm.state[i];
        const a = Math.max(0, Math.floor((arm.from[i] - x0) * scale)), b = Math.min(w, Math.max(a + 1, Math.floor((arm.to[i] - x0) * scale)));
        for (let x = a; x < b; x++) if (s < line[x]) line[x] = s;
      }
      for (let x = 0; x < w; x++) {
        if (line[x] === 255) continue;
        const colour = colours[line[x]];
        for (let y = top; y < base; y++) pixels[y * w + x] = colour;
      }
    }
  };
  // The nodes shown, by class: each class has a band as high as its number of nodes.
  const bands = h => {
    const of = new Map();
    for (let r = y0; r < y0 + rows && r < shown.length; r++) {
      const at = data.class[shown[r]];
      if (!of.has(at)) of.set(at, []);
      of.get(at).push(shown[r]);
    }
    let top = 0;
    return [...of].map(([at, members]) => {
      const band = { name: classes[at], members, top, base: top + h * members.length / rows };
      top = band.base;
      return band;
    });
  };
  // How much of each pixel column's time the members spend in each state, in nodes.
  const shares = (members, w) => {
    const scale = w / (x1 - x0), sums = states.map(() => new Float64Array(w + 1)), whole = states.map(() => new Int32Array(w + 2));
    for (const n of members) {
      for (let i = first(n, x0); i < arm.end[n + 1] && arm.from[i] < x1; i++) {
        const s = arm.state[i], a = Math.max(0, (arm.from[i] - x0) * scale), b = Math.min(w, (arm.to[i] - x0) * scale);
        const ca = Math.floor(a), cb = Math.floor(b);
        if (ca === cb) { sums[s][ca] += b - a; continue; }
        sums[s][ca] += ca + 1 - a;
        sums[s][cb] += b - cb;
        whole[s][ca + 1]++;
        whole[s][cb]--;
      }
    }
    whole.forEach((changes, s) => { for (let x = 0, n = 0; x < w; x++) { n += changes[x]; sums[s][x] += n; } });
    return sums;
  };
  const drawShares = (pixels, w, h) => {
    for (const band of bands(h)) {
      const sums = shares(band.members, w), high = Math.max(1, band.base - band.top - 2);
      for (let x = 0; x < w; x++) {
        let at = 0;
        for (let s = 0; s < states.length; s++) {
          const a = Math.round(band.top + high * at / band.members.length);
          at += sums[s][x];
          const b = Math.min(h, Math.round(band.top + high * at / band.members.length));
          for (let y = a; y < b; y++) pixels[y * w + x] = colours[s];
        }
      }
    }
  };
  const day = 86400 / unit;
  const drawAxis = (g, ratio, left, w, h) => {
    const days = (x1 - x0) / day, scale = w / (x1 - x0);
    const every = [1 / 1440, 1 / 96, 1 / 24, .25, 1, 2, 7, 14, 28, 56, 112, 365].find(step => step / days * w > (step < 1 ? 95 : 62) * ratio) || 730;
    for (let k = Math.ceil(x0 / day / every); k * every * day <= x1; k++) {
      const x = left + (k * every * day - x0) * scale;
      g.fillStyle = ink.line;
      g.fillRect(x, 0, ratio, h + 5 * ratio);
      g.fillStyle = ink.text;
      g.fillText(every < 1 ? moment(k * every * day) : `day ${Math.round(k * every)}`, x + 3 * ratio, h + 15 * ratio);
    }
    if (warm > x0) {
      g.fillStyle = ink.soft;
      g.fillRect(left, h, (Math.min(warm, x1) - x0) * scale, 4 * ratio);
    }
  };
  const single = () => rows * (devicePixelRatio || 1) <= canvas.height;
  const draw = () => {
    const ratio = devicePixelRatio || 1, W = Math.round(canvas.clientWidth * ratio), H = Math.round(canvas.clientHeight * ratio);
    if (W < 1 || H < 1) return;
    LEFT = Math.min(150, canvas.clientWidth / 3);
    if (canvas.width !== W) canvas.width = W;
    if (canvas.height !== H) canvas.height = H;
    const g = canvas.getContext('2d'), left = Math.round(LEFT * ratio), w = Math.max(1, W - left), h = Math.max(1, H - Math.round(FOOT * ratio));
    g.fillStyle = ink.paper;
    g.fillRect(0, 0, W, H);
    const image = g.createImageData(w, h), pixels = new Uint32Array(image.data.buffer);
    if (single()) drawRows(pixels, w, h); else drawShares(pixels, w, h);
    g.putImageData(image, left, 0);
    g.font = `${12 * ratio}px system-ui, sans-serif`;
    g.textBaseline = 'middle';
    drawAxis(g, ratio, left, w, h);
    g.fillStyle = ink.text;
    const high = h / rows, fit = text => {
      let cut = text;
      while (cut.length > 4 && g.measureText(cut).width > left - 8 * ratio) cut = cut.slice(0, Math.floor(cut.length / 2) - 1) + '…' + cut.slice(-Math.floor(cut.length / 2) + 1);
      return cut;
    };
    if (single()) {
      const step = Math.max(1, Math.ceil(13 * ratio / high));
      for (let r = 0; r < rows && y0 + r < shown.length; r += step) g.fillText(fit(nodes[shown[y0 + r]]), 4, Math.max((r + .5) * high, 7 * ratio));
    } else {
      let free = 0;
      for (const band of bands(h)) {
        const y = Math.max(free, (band.top + band.base) / 2);
        g.fillText(fit(`${band.name || 'nodes'} (${band.members.length})`), 4, y);
        free = y + 14 * ratio;
      }
    }
    if (cursor && cursor.t >= x0 && cursor.t <= x1) {
      g.strokeStyle = ink.text;
      g.lineWidth = 2 * ratio;
      g.strokeRect(left + (cursor.t - x0) * w / (x1 - x0) - 3 * ratio, (cursor.r - y0) * high, 6 * ratio, Math.max(5 * ratio, high));
    }
  };
  let asked = false;
  const redraw = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; draw(); });
  };

  // ---- words
  const moment = t => {
    const minutes = Math.floor(t * unit / 60), two = n => String(n).padStart(2, '0');
    return `day ${Math.floor(minutes / 1440)} ${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
  };
  const length = t => {
    const s = t * unit, parts = [[Math.floor(s / 86400), 'd'], [Math.floor(s / 3600) % 24, 'h'], [Math.floor(s / 60) % 60, 'min'], [s % 60, 's']];
    return parts.filter(([n]) => n > 0).slice(0, 3).map(([n, word]) => `${n} ${word}`).join(' ') || '0 s';
  };
  const at = (t, r) => {
    const n = shown[Math.floor(r)];
    if (n === undefined) return null;
    const i = first(n, t);
    return i < arm.end[n + 1] && arm.from[i] <= t ? { n, i } : null;
  };
  const tell = (t, r) => {
    if (!single()) {
      const high = canvas.height - FOOT * (devicePixelRatio || 1), y = (r - y0) / rows * high;
      const band = bands(high).find(it => y < it.base);
      if (!band) return '';
      const n = states.map(() => 0);
      for (const node of band.members) { const i = first(node, t); if (i < arm.end[node + 1]) n[arm.state[i]]++; }
      const parts = n.map((k, s) => [k, states[s].text]).filter(([k]) => k > 0).map(([k, text]) => `${k} ${text}`);
      return `${band.name || 'nodes'}, ${moment(t)}: ${parts.join('; ')}.`;
    }
    const hit = at(t, r);
    if (!hit) return '';
    const { n, i } = hit, whose = arm.whose[i] > 0 ? ` (${words[arm.whose[i] - 1]})` : '', kind = classes[data.class[n]];
    return `${nodes[n]}${kind ? ' of ' + kind : ''}: ${states[arm.state[i]].text}${whose}, since ${moment(arm.from[i])}, for ${data.unit > 60 ? 'about ' : ''}${length(arm.to[i] - arm.from[i])}.`;
  };

  // ---- hands
  const zoom = (k, t) => { x0 = t - (t - x0) * k; x1 = t + (x1 - t) * k; clamp(); redraw(); };
  const zoomRows = (k, r) => { const share = (r - y0) / rows; rows *= k; y0 = r - share * rows; clamp(); redraw(); };
  const showAll = () => { x0 = 0; x1 = horizon; rows = shown.length; y0 = 0; clamp(); redraw(); };
  const place = event => {
    const box = canvas.getBoundingClientRect();
    return { t: x0 + (event.clientX - box.left - LEFT) / (box.width - LEFT) * (x1 - x0), r: y0 + (event.clientY - box.top) / (box.height - FOOT) * rows };
  };
  canvas.addEventListener('wheel', event => {
    // Without the key that asks for it the page scrolls on: nobody is caught in the picture.
    if (!event.ctrlKey && !event.shiftKey && document.activeElement !== canvas) return;
    event.preventDefault();
    const { t, r } = place(event), k = Math.exp((event.deltaY || event.deltaX) * .002);
    if (event.shiftKey) zoomRows(k, r); else zoom(k, t);
  }, { passive: false });
  let grip = null;
  canvas.addEventListener('pointerdown', event => {
    canvas.setPointerCapture(event.pointerId);
    grip = { x: event.clientX, y: event.clientY, x0, x1, y0 };
  });
  canvas.addEventListener('pointermove', event => {
    if (!grip) { const { t, r } = place(event); told.textContent = t >= x0 ? tell(t, r) : ''; return; }
    const box = canvas.getBoundingClientRect(), by = (event.clientX - grip.x) / (box.width - LEFT) * (grip.x1 - grip.x0);
    x0 = grip.x0 - by;
    x1 = grip.x1 - by;
    y0 = grip.y0 - (event.clientY - grip.y) / (box.height - FOOT) * rows;
    clamp();
    redraw();
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { grip = null; });
  const walk = key => {
    if (key === 'ArrowUp') cursor.r = Math.max(0, cursor.r - 1);
    else if (key === 'ArrowDown') cursor.r = Math.min(shown.length - 1, cursor.r + 1);
    else {
      const hit = single() ? at(cursor.t, cursor.r) : null, step = (x1 - x0) / 20;
      if (key === 'ArrowRight') cursor.t = Math.min(horizon - 1, hit ? arm.to[hit.i] : cursor.t + step);
      else cursor.t = Math.max(0, hit ? arm.from[hit.i] - 1 : cursor.t - step);
    }
    if (cursor.r < y0) y0 = cursor.r;
    if (cursor.r >= y0 + rows) y0 = cursor.r - rows + 1;
    const span = x1 - x0;
    if (cursor.t < x0) { x0 = cursor.t - span * .1; x1 = x0 + span; }
    if (cursor.t > x1) { x1 = cursor.t + span * .1; x0 = x1 - span; }
    clamp();
    redraw();
    told.textContent = tell(cursor.t, cursor.r);
  };
  canvas.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    cursor ||= { t: Math.floor((x0 + x1) / 2), r: y0 };
    const deeds = {
      '+': () => zoom(.5, cursor.t), '=': () => zoom(.5, cursor.t), '-': () => zoom(2, cursor.t), '0': showAll,
      '[': () => zoomRows(2, cursor.r), ']': () => zoomRows(.5, cursor.r),
    };
    if (event.key.startsWith('Arrow')) walk(event.key); else if (deeds[event.key]) deeds[event.key](); else return;
    event.preventDefault();
  });
  pick.addEventListener('change', () => { arm = arms[pick.value]; redraw(); });
  find.addEventListener('input', () => { filter(); clamp(); redraw(); });
  byId('in').addEventListener('click', () => zoom(.5, (x0 + x1) / 2));
  byId('out').addEventListener('click', () => zoom(2, (x0 + x1) / 2));
  byId('taller').addEventListener('click', () => zoomRows(.5, y0 + rows / 2));
  byId('lower').addEventListener('click', () => zoomRows(2, y0 + rows / 2));
  byId('all').addEventListener('click', showAll);
  // A node of a decision, a day around it, under the pointer of the keyboard.
  const see = ({ node, at: when, arm: place }) => {
    find.value = '';
    filter();
    arm = arms[place];
    pick.value = place;
    const row = nodes.indexOf(node), t = Math.floor(when / unit);
    x0 = t - day / 2;
    x1 = t + day / 2;
    rows = Math.min(nodes.length, 20);
    y0 = Math.max(0, row - Math.floor(rows / 2));
    clamp();
    cursor = { t, r: row };
    canvas.scrollIntoView({ block: 'center' });
    canvas.focus();
    redraw();
    told.textContent = tell(t, row);
  };
  for (const button of document.querySelectorAll('button.see')) {
    if (!nodes.includes(button.dataset.node)) continue;
    button.hidden = false;
    button.addEventListener('click', () => see(button.dataset));
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { theme(); redraw(); });
  new ResizeObserver(redraw).observe(canvas);

  filter();
  theme();
  const decoded = performance.now();
  draw();
  root.decodeMs = (decoded - began).toFixed(1);
  root.drawMs = (performance.now() - decoded).toFixed(1);
  root.rows = single() ? 'nodes' : 'shares';
  root.ready = 'yes';
})();
