// @ts-check

/** As in `src/usage/store/columns.ts`. */
const COUNTS = [
  'requests',
  'attempts',
  'streamed',
  'estimated',
  'unpriced',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_nano_usd',
  'saved_nano_usd',
];
const HISTOGRAMS = ['latency', 'first_byte'];
const BUCKETS = 32;

/** @param {import('knex').Knex.CreateTableBuilder} table */
function addMeasures(table) {
  for (const count of COUNTS) {
    table.bigInteger(count).notNullable().defaultTo(0);
  }
  for (const histogram of HISTOGRAMS) {
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      table
        .integer(`${histogram}_${bucket}`)
        .nullable()
        .comment('Requests; null for none');
    }
  }
}

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('usage_series', table => {
    table.comment(
      'What requests have in common apart from who, when and how much; an empty text means that there is none',
    );
    table
      .bigInteger('series')
      .notNullable()
      .primary()
      .comment('63 bits of the SHA-256 of the other columns');
    table.string('principal_kind', 16).notNullable();
    table.string('client', 256).notNullable();
    table.string('api', 32).notNullable();
    table.string('provider', 128).notNullable();
    table.string('deployment', 128).notNullable();
    table.string('operation', 64).notNullable();
    table.string('model', 256).notNullable();
    table.string('outcome', 16).notNullable();
    table.string('refusal', 256).notNullable();
    table.string('service_tier', 64).notNullable();
    table.string('component', 256).notNullable();
    table.string('system', 256).notNullable();
    table.string('domain', 256).notNullable();
  });

  await knex.schema.createTable('usage_team_sets', table => {
    table.comment(
      'Which teams a caller was in; requests count in each of them',
    );
    table
      .bigInteger('team_set')
      .notNullable()
      .comment('63 bits of the SHA-256 of all its teams');
    table.string('team', 256).notNullable().comment('Entity ref');
    table.primary(['team_set', 'team'], 'usage_team_sets_pk');
    table.index(['team'], 'usage_team_sets_team_idx');
  });

  await knex.schema.createTable('usage_events', table => {
    table.comment('Requests to models, one by one; append-only');
    table.string('id', 64).notNullable().primary();
    table.timestamp('at', { useTz: true, precision: 3 }).notNullable();
    table.string('principal', 36).notNullable().comment('UUID');
    table.bigInteger('team_set').notNullable();
    table.bigInteger('series').notNullable();
    table.string('connection_id', 128).notNullable();
    table.string('session', 128).nullable();
    table.string('requested_model', 256).nullable();
    table.boolean('streaming').notNullable();
    table.integer('status').notNullable();
    table.integer('attempts').notNullable();
    table.bigInteger('input_tokens').notNullable();
    table.bigInteger('cache_read_tokens').notNullable();
    table.bigInteger('cache_write_5m_tokens').notNullable();
    table.bigInteger('cache_write_1h_tokens').notNullable();
    table.bigInteger('output_tokens').notNullable();
    table.bigInteger('reasoning_tokens').notNullable();
    table.string('usage_source', 16).notNullable();
    table.bigInteger('cost_nano_usd').nullable();
    table.bigInteger('undiscounted_nano_usd').nullable();
    table.bigInteger('latency_ms').notNullable();
    table.bigInteger('first_byte_ms').nullable();
    table.index(['at', 'id'], 'usage_events_at_idx');
    table.index(['principal', 'at', 'id'], 'usage_events_principal_idx');
  });

  await knex.schema.createTable('usage_by_caller', table => {
    table.comment('Requests of an hour, by who sent them');
    table
      .integer('hour')
      .notNullable()
      .comment('Hours from 1970-01-01T00:00Z to its begin');
    table.string('principal', 36).notNullable().comment('UUID');
    table.bigInteger('team_set').notNullable();
    table.bigInteger('series').notNullable();
    addMeasures(table);
    table.primary(
      ['hour', 'principal', 'team_set', 'series'],
      'usage_by_caller_pk',
    );
    table.index(['principal', 'hour'], 'usage_by_caller_principal_idx');
    table.index(['team_set', 'hour'], 'usage_by_caller_team_set_idx');
  });

  await knex.schema.createTable('usage_by_model', table => {
    table.comment(
      'Requests of an hour of everybody; their series have no component, system and domain',
    );
    table
      .integer('hour')
      .notNullable()
      .comment('Hours from 1970-01-01T00:00Z to its begin');
    table.bigInteger('series').notNullable();
    addMeasures(table);
    table.primary(['hour', 'series'], 'usage_by_model_pk');
  });

  await knex.schema.createTable('usage_sessions', table => {
    table.comment('Conversations, as clients name them');
    table.string('principal', 36).notNullable().comment('UUID');
    table.string('client', 256).notNullable();
    table.string('session', 128).notNullable();
    table.timestamp('first_at', { useTz: true, precision: 3 }).notNullable();
    table.timestamp('last_at', { useTz: true, precision: 3 }).notNullable();
    table.bigInteger('requests').notNullable();
    table.bigInteger('tokens').notNullable();
    table.bigInteger('cost_nano_usd').notNullable();
    table.primary(['principal', 'client', 'session'], 'usage_sessions_pk');
    table.index(['last_at'], 'usage_sessions_last_at_idx');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  for (const table of [
    'usage_sessions',
    'usage_by_model',
    'usage_by_caller',
    'usage_events',
    'usage_team_sets',
    'usage_series',
  ]) {
    await knex.schema.dropTable(table);
  }
};
