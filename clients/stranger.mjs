// The server of tomorrow: passes requests on to the API, and adds to every object of an answer a field, to every
// error a code and to every aggregate a type that no client of today has heard of.
//
//   node stranger.mjs http://localhost:8080 8089
import http from 'node:http';

const [api, port] = process.argv.slice(2);
const strings = /"(?:[^"\\]|\\.)*"/.source;

function ofTomorrow(json) {
  return json
    .replace(new RegExp(`${strings}|\\{(?=\\s*")`, 'g'), (part) =>
      part === '{' ? '{"field_of_tomorrow":{"depth":[1,null,"x"]},' : part,
    )
    .replace(/"code":"[a-z_]+"/g, '"code":"code_of_tomorrow"')
    .replace(/"type":"[A-Z_]+"/g, '"type":"TYPE_OF_TOMORROW"');
}

http
  .createServer((request, response) => {
    const headers = { ...request.headers };
    // They are of one connection (RFC 9110 section 7.6.1): Java's client asks for HTTP/2 by them.
    for (const name of ['accept-encoding', 'connection', 'upgrade', 'http2-settings']) {
      delete headers[name];
    }
    const forward = http.request(new URL(request.url, api), { method: request.method, headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        let body = Buffer.concat(parts);
        if (/json/.test(answer.headers['content-type'])) {
          body = Buffer.from(ofTomorrow(body.toString()));
        }
        const { 'content-length': length, 'transfer-encoding': encoding, ...kept } = answer.headers;
        response.writeHead(answer.statusCode, { ...kept, 'content-length': body.length });
        response.end(body);
      });
    });
    forward.on('error', () => response.destroy());
    request.pipe(forward);
  })
  .listen(Number(port), '127.0.0.1');
