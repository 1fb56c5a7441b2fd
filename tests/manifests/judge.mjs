// Judges Kubernetes manifests by the schemas of their kinds: node judge.mjs FILE
// Prints one line for each object; exit code 1 when one is not what its kind allows, or a field is unknown to it.
// With --json prints the documents as JSON instead, for tests that look into them.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

const groups = {
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
};

const documents = parseAllDocuments(readFileSync(process.argv[2], 'utf8'), { merge: true }).map(document => {
  if (document.errors.length) throw document.errors[0];
  return document.toJS();
}).filter(document => document);

// The schemas leave a misspelled field alone, as long as none is missing. What a judge never looks at is no field of the kind.
function watched(value, path, unread) {
  if (value === null || typeof value !== 'object') return value;
  const copy = Array.isArray(value) ? [] : {};
  for (const [name, child] of Object.entries(value)) {
    unread.add(`${path}/${name}`);
    copy[name] = watched(child, `${path}/${name}`, unread);
  }
  return new Proxy(copy, {
    get(target, name, receiver) {
      unread.delete(`${path}/${String(name)}`);
      return Reflect.get(target, name, receiver);
    },
  });
}

if (process.argv.includes('--json')) {
  console.log(JSON.stringify(documents));
} else {
  let bad = documents.length === 0 ? 1 : 0;
  for (const document of documents) {
    const [group, version] = document.apiVersion.includes('/') ? document.apiVersion.split('/') : ['', document.apiVersion];
    const kind = (await import([groups[group] ?? 'kubernetes-models', group, version, document.kind].filter(Boolean).join('/')))[document.kind];
    const name = `${document.apiVersion} ${document.kind} ${document.metadata?.name}`;
    try {
      const unread = new Set();
      kind.prototype.validate.call(watched(document, '', unread));
      for (const field of ['/apiVersion', '/kind']) unread.delete(field);
      if (unread.size) throw new Error(`unknown ${[...unread].join(', ')}`);
      console.log(name);
    } catch (error) {
      bad = 1;
      console.log(`${name}: ${error.message}`);
    }
  }
  process.exitCode = bad;
}
