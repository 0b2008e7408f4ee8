import { toPascalCase } from '../names';
import type { SystemPlan } from '../systems';
import type { TopicWords } from '../words';

/** Writes a protocol buffers file: one service, with the calls and messages of each topic. */
export function grpcDefinition(
  system: SystemPlan,
  topics: TopicWords[],
): string {
  const named = topics.map(topic => ({
    ...topic,
    one: toPascalCase(topic.resource),
    many: toPascalCase(topic.plural),
  }));
  const calls = named.flatMap(({ one, many, actions }) => [
    `  rpc Get${one}(Get${one}Request) returns (${one});`,
    `  rpc List${many}(List${many}Request) returns (List${many}Response);`,
    `  rpc Create${one}(Create${one}Request) returns (${one});`,
    ...actions.map(
      action =>
        `  rpc ${toPascalCase(
          action,
        )}${one}(Get${one}Request) returns (${one});`,
    ),
    `  rpc Watch${many}(List${many}Request) returns (stream ${one});`,
  ]);
  const messages = named.map(
    ({ one, many, purpose }) => `// ${purpose}.
message ${one} {
  string id = 1;
  Status status = 2;
  string external_id = 3;
  string reason = 4;
  google.protobuf.Timestamp created_at = 5;
  google.protobuf.Timestamp updated_at = 6;
  map<string, string> labels = 7;
}

message Get${one}Request {
  string id = 1;
}

message Create${one}Request {
  string external_id = 1;
  string reason = 2;
  map<string, string> labels = 3;
}

message List${many}Request {
  int32 page_size = 1;
  string page_token = 2;
}

message List${many}Response {
  repeated ${one} items = 1;
  string next_page_token = 2;
}`,
  );
  return `syntax = "proto3";

package meridian.${system.area.name}.${system.topic.name}.v1;

import "google/protobuf/timestamp.proto";

enum Status {
  STATUS_UNSPECIFIED = 0;
  STATUS_OPEN = 1;
  STATUS_ACTIVE = 2;
  STATUS_CLOSED = 3;
}

service ${toPascalCase(system.name)} {
${calls.join('\n')}
}

${messages.join('\n\n')}
`;
}
