// Main-thread tasks of a Chromium trace, and how much of each was spent in functions of given script files.

/** Reads a trace's events into tasks with self time by script; times in ms. */
export function mainThreadTasks(events, isOurs) {
  const main = events.find(e => e.name === 'thread_name' && e.args.name === 'CrRendererMain' && events.some(t => t.pid === e.pid && t.name === 'ProfileChunk'));
  if (!main) {
    throw new Error('the trace has no renderer main thread with a profile');
  }
  const tasks = events
    .filter(e => e.pid === main.pid && e.tid === main.tid && e.ph === 'X' && /RunTask$/.test(e.name))
    .map(e => ({ start: e.ts, end: e.ts + (e.dur ?? 0), self: 0, evaluating: false, functions: new Map() }))
    .sort((a, b) => a.start - b.start);
  for (const e of events) {
    if (e.pid === main.pid && e.tid === main.tid && ['EvaluateScript', 'v8.evaluateModule', 'v8.compile', 'v8.compileModule'].includes(e.name)) {
      const task = tasks.find(t => t.start <= e.ts && e.ts <= t.end);
      if (task) {
        task.evaluating = true;
      }
    }
  }
  const nodes = new Map();
  let now = 0;
  let at = 0;
  const profiles = events.filter(e => e.pid === main.pid && (e.name === 'Profile' || e.name === 'ProfileChunk')).sort((a, b) => a.ts - b.ts);
  const byId = new Map();
  for (const e of profiles) {
    if (e.name === 'Profile') {
      byId.set(e.id, { main: e.tid === main.tid, time: e.args.data.startTime });
      continue;
    }
    const profile = byId.get(e.id);
    if (!profile?.main) {
      continue;
    }
    for (const node of e.args.data.cpuProfile?.nodes ?? []) {
      nodes.set(`${e.id}/${node.id}`, node.callFrame);
    }
    const samples = e.args.data.cpuProfile?.samples ?? [];
    const deltas = e.args.data.timeDeltas ?? [];
    samples.forEach((sample, i) => {
      profile.time += deltas[i];
      now = profile.time;
      const frame = nodes.get(`${e.id}/${sample}`);
      if (!frame || !isOurs(frame)) {
        return;
      }
      while (at < tasks.length - 1 && tasks[at].end < now) {
        at++;
      }
      while (at > 0 && tasks[at].start > now) {
        at--;
      }
      const task = tasks[at];
      if (task && task.start <= now && now <= task.end + 1000) {
        const ms = Math.max(0, deltas[i]) / 1000;
        task.self += ms;
        const name = `${frame.functionName || '(anonymous)'} ${frame.url.split('/').pop()?.split('?')[0]}:${frame.lineNumber}:${frame.columnNumber}`;
        task.functions.set(name, (task.functions.get(name) ?? 0) + ms);
      }
    });
  }
  return tasks;
}

export const median = values => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
