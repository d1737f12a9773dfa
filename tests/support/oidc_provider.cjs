/**
 * The certified `oidc-provider` on a free port of loopback, for tests.
 *
 * It says its port, then waits for one line of JSON: the clients and the people that it has.
 */

const { createServer } = require("node:http");
const { createInterface } = require("node:readline");

/** Whoever signs in as one of *people* is that one; the password is not looked at. */
function configuration({ clients, people }) {
  return {
    clients,
    cookies: { keys: ["only for tests"] },
    claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"], email: ["email", "email_verified"] },
    features: { backchannelLogout: { enabled: true } },
    ttl: { Interaction: 600, Session: 600, Grant: 600, IdToken: 600, AccessToken: 600, AuthorizationCode: 60 },
    // It guards itself against addresses of this machine, where the tests are.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    pkce: { required: () => true },
    async findAccount(_, id) {
      return people[id] === undefined ? undefined : { accountId: id, claims: async () => ({ sub: id, ...people[id] }) };
    },
  };
}

async function main() {
  const { Provider } = await import("oidc-provider");
  let answer = (_, response) => response.writeHead(503).end();
  // How often somebody came with a code.
  let redeemed = 0;
  const server = createServer((request, response) => {
    if (request.url === "/redeemed") return response.end(String(redeemed));
    if (request.url === "/token") redeemed += 1;
    return answer(request, response);
  });
  await new Promise((listening) => server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", listening));
  const { port } = server.address();
  process.stdout.write(`${port}\n`);
  for await (const line of createInterface({ input: process.stdin })) {
    const provider = new Provider(`http://127.0.0.1:${port}`, configuration(JSON.parse(line)));
    provider.on("server_error", (_, error) => console.error(error));
    provider.on("backchannel.error", (_, error) => console.error(error));
    answer = provider.callback();
    process.stdout.write("ready\n");
  }
  server.close();
  process.exit(0);
}

void main();
