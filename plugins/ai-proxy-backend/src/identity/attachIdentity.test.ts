import { JsonDocument, JsonText } from '../json';
import { attachToBody } from './attachIdentity';

it('tells older APIs nothing of what the client wrote in newer places', () => {
  const value = { safety_identifier: 'ada@example.com', user: 'ada' };
  const text = new JsonText(Buffer.from(JSON.stringify(value)), value);
  const body = new JsonDocument(text);
  attachToBody('user', 'openai-chat', body, 'a-uuid');
  expect(JSON.parse(body.bytes().toString())).toEqual({
    safety_identifier: 'a-uuid',
    user: 'a-uuid',
  });
});

it('tells Anthropic where its API has a place for it, in place of the device', () => {
  const value = { metadata: { user_id: 'device' } };
  const text = new JsonText(Buffer.from(JSON.stringify(value)), value);
  const body = new JsonDocument(text);
  attachToBody('user', 'anthropic-messages', body, 'a-uuid');
  expect(JSON.parse(body.bytes().toString())).toEqual({
    metadata: { user_id: 'a-uuid' },
  });
});
