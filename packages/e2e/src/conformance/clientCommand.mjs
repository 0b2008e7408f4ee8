// What the conformance suite runs for each scenario: tells the client under
// test, at the URL in the first argument, which server it has to reach.
const [client, url] = process.argv.slice(2);
const response = await fetch(client, {
  method: 'POST',
  body: JSON.stringify({
    scenario: process.env.MCP_CONFORMANCE_SCENARIO,
    url,
    context: JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}'),
  }),
});
console.log(await response.text());
process.exitCode = response.ok ? 0 : 1;
