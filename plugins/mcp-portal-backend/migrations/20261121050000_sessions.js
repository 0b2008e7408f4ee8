// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('upstream_sessions', table => {
    table.comment('Sessions that servers gave to the portal, for all replicas');
    table
      .string('id', 64)
      .primary('upstream_sessions_pk')
      .comment('SHA-256 of the server, the credential and the client behind');
    table.string('server_ref', 512).notNullable();
    table
      .string('session', 64)
      .notNullable()
      .comment('SHA-256 of the session or connection of the client behind');
    table.text('sealed', 'longtext').notNullable().comment('The handshake');
    table.timestamp('expires_at', { useTz: true }).notNullable();
    table.index(['expires_at'], 'upstream_sessions_expiry_idx');
  });

  await knex.schema.createTable('client_sessions', table => {
    table.comment(
      'Sessions of clients of protocol revision 2025-11-25 and older',
    );
    table
      .string('id_hash', 64)
      .primary('client_sessions_pk')
      .comment('SHA-256 of the session id');
    table.string('portal', 64).notNullable();
    table.string('caller_uuid', 64).notNullable();
    table
      .string('connection_id', 64)
      .nullable()
      .comment('The grant with which the session was opened');
    table.string('protocol_version', 32).notNullable();
    table
      .text('client', 'longtext')
      .notNullable()
      .comment('JSON: name, version and capabilities, as the client says');
    table.string('log_level', 16).nullable();
    table
      .text('subscriptions', 'longtext')
      .notNullable()
      .comment('JSON: URIs of resources');
    table.timestamp('used_at', { useTz: true }).notNullable();
    table.index(['used_at'], 'client_sessions_used_idx');
  });

  await knex.schema.createTable('client_messages', table => {
    table.comment(
      'What clients sent to one replica and another one waits for; short-lived',
    );
    table.increments('id');
    table.string('session_hash', 64).notNullable();
    table
      .string('subject', 64)
      .notNullable()
      .comment('SHA-256 of what it answers');
    table.text('sealed', 'longtext').notNullable().comment('The message');
    table.timestamp('created_at', { useTz: true }).notNullable();
    table.unique(['session_hash', 'subject'], {
      indexName: 'client_messages_subject_uniq',
    });
    table.index(['created_at'], 'client_messages_created_idx');
  });

  await knex.schema.createTable('used_states', table => {
    table.comment('States of approved calls that were given back once');
    table.string('hash', 64).primary('used_states_pk').comment('SHA-256');
    table.timestamp('until', { useTz: true }).notNullable();
    table.index(['until'], 'used_states_until_idx');
  });

  await knex.schema.createTable('server_choices', table => {
    table.comment('Servers that a caller has switched off for itself');
    table.string('caller_uuid', 64).notNullable();
    table.string('portal', 64).notNullable();
    table.string('server', 64).notNullable();
    table.primary(['caller_uuid', 'portal', 'server'], 'server_choices_pk');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('server_choices');
  await knex.schema.dropTable('used_states');
  await knex.schema.dropTable('client_messages');
  await knex.schema.dropTable('client_sessions');
  await knex.schema.dropTable('upstream_sessions');
};
