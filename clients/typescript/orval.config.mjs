export default {
  usage: {
    input: '../openapi-client.yaml',
    output: {
      target: 'generated/api.ts',
      client: 'fetch',
      override: { mutator: { path: 'orval-fetch.ts', name: 'call' } },
    },
  },
};
