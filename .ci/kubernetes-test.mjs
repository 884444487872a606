// What the overlays and the Helm chart render. .ci/kubernetes runs it; KUBECTL and HELM name the programs,
// and YAML the reader.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

const OVERLAYS = readdirSync('k8s/overlays');
const OTHER_DATABASE = 'postgresql://other.example:5432/usage';

const yaml = (await import(process.env.YAML)).default;
const run = (program, ...args) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 26 });
const objects = (text) =>
  yaml
    .parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter((object) => object !== null);
const kustomize = (folder) => objects(run(process.env.KUBECTL, 'kustomize', folder));
const template = (release, values, ...options) => {
  const file = `k8s/chart/ci/${values}-values.yaml`;
  return run(process.env.HELM, 'template', release, 'k8s/chart', '--values', file, ...options);
};
const chart = (values, ...options) => objects(template('usage-api', values, ...options));

const id = (object) => `${object.kind} ${object.metadata.name}`;
const byId = (list) => new Map(list.map((object) => [id(object), object]));
const annotations = (object) => object.metadata.annotations ?? {};

// An overlay on top of one of k8s/, in a copy.
const copy = mkdtempSync(join(tmpdir(), 'k8s-'));
after(() => rmSync(copy, { recursive: true }));
cpSync('k8s', copy, { recursive: true });
mkdirSync(join(copy, 'changed'));
function changed(overlay, lines) {
  writeFileSync(
    join(copy, 'changed/kustomization.yaml'),
    `resources: [../overlays/${overlay}]\n${lines}`,
  );
  return kustomize(join(copy, 'changed'));
}

// The fields of specs that the Kubernetes API lets nobody change.
const MUTABLE = {
  CronJob: '*',
  Deployment: ['replicas', 'template', 'strategy', 'revisionHistoryLimit'],
  HorizontalPodAutoscaler: '*',
  HTTPRoute: '*',
  Ingress: '*',
  Job: ['ttlSecondsAfterFinished', 'backoffLimit', 'activeDeadlineSeconds', 'suspend'],
  NetworkPolicy: '*',
  PodDisruptionBudget: '*',
  PrometheusRule: '*',
  Service: ['ports', 'selector', 'type'],
  ServiceMonitor: '*',
  StatefulSet: ['replicas', 'template', 'updateStrategy'],
};
function refused(before, then) {
  const old = byId(before);
  const found = [];
  for (const object of then) {
    const was = old.get(id(object))?.spec ?? {};
    const is = old.has(id(object)) ? (object.spec ?? {}) : {};
    for (const field of new Set([...Object.keys(was), ...Object.keys(is)])) {
      assert.ok(MUTABLE[object.kind], `is anything in a ${object.kind} immutable?`);
      if (MUTABLE[object.kind] !== '*' && !MUTABLE[object.kind].includes(field)) {
        if (!isDeepStrictEqual(was[field], is[field])) found.push(`${id(object)} ${field}`);
      }
    }
  }
  return found;
}

describe('applied again', () => {
  for (const overlay of OVERLAYS) {
    const before = kustomize(`k8s/overlays/${overlay}`);
    const template = (list) => byId(list).get('Deployment usage-api').spec.template;

    test(`${overlay}: a changed setting is accepted, and rolls out`, () => {
      const then = changed(
        overlay,
        `configMapGenerator:
- {name: usage-api, behavior: merge, literals: [USAGE_API_BASE_URL=https://x, QUARKUS_DATASOURCE_REACTIVE_URL=${OTHER_DATABASE}]}
- {name: usage-api-migration, behavior: merge, literals: [QUARKUS_DATASOURCE_REACTIVE_URL=${OTHER_DATABASE}]}
`,
      );
      assert.deepEqual(refused(before, then), []);
      assert.notDeepEqual(template(then), template(before));
      const settings = byId(then).get('ConfigMap usage-api-migration').data;
      assert.equal(settings.QUARKUS_DATASOURCE_REACTIVE_URL, OTHER_DATABASE);
    });

    test(`${overlay}: a new image needs another Job, which Argo CD and Flux replace`, () => {
      const image = template(before).spec.containers[0].image.split(':')[0];
      const then = changed(overlay, `images: [{name: ${image}, newTag: 9.9.9}]\n`);
      assert.deepEqual(refused(before, then), ['Job usage-api-migration template']);
      const job = annotations(byId(then).get('Job usage-api-migration'));
      assert.equal(job['argocd.argoproj.io/hook'], 'Sync');
      assert.equal(job['argocd.argoproj.io/hook-delete-policy'], 'BeforeHookCreation');
      assert.equal(job['kustomize.toolkit.fluxcd.io/force'], 'enabled');
    });
  }

  test('chart: a changed setting and image are accepted, and roll out', () => {
    const kept = (list) => list.filter((object) => !annotations(object)['helm.sh/hook']);
    const before = chart('jvm');
    const then = chart(
      'jvm',
      '--set-string',
      `image.tag=9.9.9,database.settings.QUARKUS_DATASOURCE_REACTIVE_URL=${OTHER_DATABASE}`,
    );
    assert.deepEqual(refused(kept(before), kept(then)), []);
    const job = byId(then).get('Job usage-api-migration');
    assert.equal(annotations(job)['helm.sh/hook-delete-policy'], 'before-hook-creation');
    const [container] = job.spec.template.spec.containers;
    assert.match(container.image, /:9\.9\.9$/);
    assert.ok(container.env.some((each) => each.value === OTHER_DATABASE));

    const rollout = chart('jvm', '--set-string', 'settings.USAGE_API_BASE_URL=https://x');
    const template = (list) => byId(list).get('Deployment usage-api').spec.template;
    assert.notDeepEqual(template(rollout), template(before));
  });

  test("control: a digest in the Job's template is refused", () => {
    const before = kustomize('k8s/overlays/jvm');
    const then = structuredClone(before);
    byId(then).get('Job usage-api-migration').spec.template.spec.containers[0].envFrom = [
      { configMapRef: { name: 'usage-api-2' } },
    ];
    assert.deepEqual(refused(before, then), ['Job usage-api-migration template']);
  });
});

// Labels and annotations that say who installed an object, not what it does.
const OF_THE_TOOL =
  /^(helm\.sh\/|argocd\.|kustomize\.toolkit|checksum\/|app\.kubernetes\.io\/(instance|version|managed-by)$)/;

/** The objects of one tool as lines "object path = value". Settings stand in the containers that get them. */
function substance(list) {
  const name = (text) => text.replace(/^usage-api-[a-z0-9]{10}$/, 'usage-api');
  const maps = new Map();
  for (const object of list) {
    if (object.kind === 'ConfigMap') maps.set(name(object.metadata.name), object.data);
  }
  const lines = new Map();
  const flatten = (path, value) => {
    if (Array.isArray(value))
      value.forEach((each, i) => flatten(`${path}[${each.name ?? i}]`, each));
    else if (value !== null && typeof value === 'object') {
      for (const key of Object.keys(value)) {
        if (OF_THE_TOOL.test(key)) continue;
        if (key === 'envFrom') {
          for (const from of value.envFrom) {
            for (const [k, v] of Object.entries(maps.get(name(from.configMapRef.name)))) {
              flatten(`${path}.env[${k}]`, { name: k, value: v });
            }
          }
        } else flatten(`${path}.${key}`, value[key]);
      }
    } else lines.set(path, value);
  };
  for (const object of list) {
    if (object.kind === 'ConfigMap' && /^usage-api(-migration)?$/.test(name(object.metadata.name)))
      continue;
    flatten(id(object), object);
  }
  return lines;
}

// Where the chart differs from the overlays, and why.
const DIFFERENCES = {
  'all overlays': [
    [
      /^Job usage-api-migration\.spec\.template\.spec\.serviceAccountName$/,
      'the hook runs before the account of the release exists',
    ],
    [/^NetworkPolicy usage-api-migration\./, 'the hook runs before the other policies exist'],
  ],
  'all-in-one': [
    [
      /^(ConfigMap postgres-init|(StatefulSet|Service|NetworkPolicy) postgres)\./,
      'the chart brings no database',
    ],
    [/^Job usage-api-migration\..*\[key\]\./, 'the chart has the same files in all pods'],
  ],
};

describe('the chart is equal to the overlay', () => {
  for (const overlay of OVERLAYS) {
    test(overlay, () => {
      const ours = substance(kustomize(`k8s/overlays/${overlay}`));
      const theirs = substance(chart(overlay));
      const listed = [...DIFFERENCES['all overlays'], ...(DIFFERENCES[overlay] ?? [])];
      const used = new Set();
      const unlisted = [];
      for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
        if (ours.get(path) === theirs.get(path)) continue;
        const reason = listed.find(([pattern]) => pattern.test(path));
        if (reason) used.add(reason);
        else unlisted.push(`${path}: overlay ${ours.get(path)}, chart ${theirs.get(path)}`);
      }
      assert.deepEqual(unlisted, []);
      assert.deepEqual(
        listed.filter((each) => !used.has(each)),
        [],
        'listed, but not found',
      );
    });
  }
});

describe('the chart', () => {
  const WRONG = [
    ['host', '--set-string', 'host=http://usage.example.com'],
    ['settings', '--set', 'settings.USAGE_API_RECORDS_RETENTION=13'],
    ['usage-api', '--set-string', 'settings.usage-api=x'],
    ['PASSWORD', '--set-string', 'settings.QUARKUS_DATASOURCE_PASSWORD=x'],
    ['MP_JWT_VERIFY_ISSUER', '--set', 'settings.MP_JWT_VERIFY_ISSUER=null'],
    ["'settings'", '--set', 'database.settings=null'],
    ['replica', '--set', 'replica=2'],
    ['schedule', '--set-string', 'commands.close.schedule=monthly'],
    ['runAs', '--set', 'runAs=0'],
    ['runbook', '--set', 'monitoring.runbook=runbook.md'],
    ['securityContext', '--set', 'pod.securityContext.runAsUser=0'],
    ['memory', '--set', 'resources.limits.memory=null'],
  ];
  for (const [named, ...options] of WRONG) {
    test(`refuses ${options[1]}`, () => {
      assert.throws(
        () => chart('jvm', ...options),
        (e) => e.stderr.includes('schema') && e.stderr.includes(named),
      );
    });
  }

  const SWITCHES = [
    ['ingress.enabled=false', 'Ingress usage-api'],
    ['autoscaling.enabled=false', 'HorizontalPodAutoscaler usage-api'],
    ['podDisruptionBudget.enabled=false', 'PodDisruptionBudget usage-api'],
    [
      'networkPolicy.enabled=false',
      'NetworkPolicy usage-api',
      'NetworkPolicy usage-api-migration',
      'NetworkPolicy usage-api-server',
    ],
    ['monitoring.serviceMonitor=false', 'ServiceMonitor usage-api'],
    ['monitoring.alerts=false', 'PrometheusRule usage-api'],
    ['monitoring.dashboard=false', 'ConfigMap usage-api-dashboard'],
    ['commands.retention.enabled=false', 'CronJob usage-api-retention'],
    ['commands.sums.enabled=true', 'CronJob usage-api-sums'],
    ['commands.close.enabled=true', 'CronJob usage-api-close'],
    ['gateway.enabled=true', 'HTTPRoute usage-api'],
  ];
  for (const [value, ...expected] of SWITCHES) {
    test(`${value} concerns ${expected.join(', ')}`, () => {
      const before = [...byId(chart('jvm')).keys()];
      const then = [...byId(chart('jvm', '--set', value)).keys()];
      const difference = value.endsWith('true')
        ? then.filter((each) => !before.includes(each))
        : before.filter((each) => !then.includes(each));
      assert.deepEqual(difference.sort(), expected);
    });
  }

  test('lets the server drop records where no CronJob does', () => {
    const settings = (...options) => byId(chart('jvm', ...options)).get('ConfigMap usage-api').data;
    assert.equal(settings().USAGE_API_RECORDS_SCHEDULED, 'false');
    assert.equal(
      settings('--set', 'commands.retention.enabled=false').USAGE_API_RECORDS_SCHEDULED,
      'true',
    );
  });

  test('gives every pod further fields, files and no user where the cluster chooses it', () => {
    const list = chart(
      'jvm',
      '--set',
      'pod.nodeSelector.disk=ssd,runAs=null,commands.sums.enabled=true',
      '--set-json',
      'extraVolumes=[{"name":"tls","secret":{"secretName":"tls"}}]',
      '--set-json',
      'extraVolumeMounts=[{"name":"tls","mountPath":"/tls"}]',
    );
    const pods = list
      .map((object) => (object.spec?.jobTemplate ?? object).spec?.template?.spec)
      .filter(Boolean);
    assert.equal(pods.length, 4);
    for (const pod of pods) {
      assert.deepEqual(pod.nodeSelector, { disk: 'ssd' });
      assert.equal(pod.securityContext.runAsUser, undefined);
      assert.equal(pod.securityContext.runAsNonRoot, true);
      assert.equal(pod.volumes[1].name, 'tls');
      assert.equal(pod.containers[0].volumeMounts[1].mountPath, '/tls');
    }
  });

  test('of one release shares no name and no pod with another', () => {
    const [one, other] = ['usage-api', 'acme'].map((release) =>
      objects(template(release, 'example')),
    );
    const names = new Set(one.map(id));
    assert.deepEqual(
      other.map(id).filter((each) => names.has(each)),
      [],
    );
    const selectors = other.flatMap((object) =>
      [
        object.spec?.selector?.matchLabels ?? object.spec?.selector,
        object.spec?.podSelector?.matchLabels,
      ].filter(Boolean),
    );
    assert.equal(selectors.length, 8);
    for (const selector of selectors) assert.equal(selector['app.kubernetes.io/instance'], 'acme');
  });

  test('keeps names within the 52 characters of a CronJob', () => {
    for (const release of ['a'.repeat(53), `usage-api-${'a'.repeat(43)}`]) {
      const long = objects(template(release, 'example')).filter(
        (each) => each.metadata.name.length > 52,
      );
      assert.deepEqual(long.map(id), []);
    }
  });
});
