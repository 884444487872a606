package io.usageapi.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.usageapi.database.migration.MigrationConnection;
import io.usageapi.fixture.TestPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the migrations make can be spread over a Citus cluster by the organization. Read from the
 * catalogue of a plain Postgres, in which stand-ins of the two functions of Citus write down what
 * the migration that spreads the tables asks of them.
 */
class DistributionTest {
  private static final String NAME = "distribution";
  private static final String TEMPLATE = "distribution_template";
  private static final String NO_OTHER = "R";

  private static final String STAND_INS =
      """
      CREATE SCHEMA citus;
      CREATE TABLE citus.pg_dist_partition (
        logicalrelid regclass, partmethod "char", repmodel "char",
        distributed_by text, colocated_with text);
      CREATE FUNCTION citus.create_reference_table(t regclass) RETURNS void LANGUAGE sql AS
        $$INSERT INTO citus.pg_dist_partition VALUES (t, 'n', 't', NULL, NULL)$$;
      CREATE FUNCTION citus.create_distributed_table(t regclass, by text, colocate_with text)
        RETURNS void LANGUAGE sql AS
        $$INSERT INTO citus.pg_dist_partition VALUES (t, 'h', 's', by, colocate_with)$$;
      ALTER DATABASE distribution SET search_path = public, citus;
      """;

  /** Each row is a rule that is broken, and by what. */
  private static final String VIOLATIONS =
      """
      WITH tables AS (
        SELECT c.oid, c.oid::regclass::text AS name, d.distributed_by IS NOT NULL AS distributed,
          a.attnum AS organization, a.attnotnull, a.atttypid, a.attcollation
        FROM pg_class c
        LEFT JOIN citus.pg_dist_partition d ON d.logicalrelid = c.oid
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT c.relispartition AND c.relname <> 'flyway_schema_history')
      SELECT name || ': organization_id must be text COLLATE "C" NOT NULL' FROM tables
        WHERE distributed AND (organization IS NULL OR NOT attnotnull OR atttypid <> 'text'::regtype
          OR attcollation <> '"C"'::regcollation)
      UNION ALL
      SELECT name || ': without a primary key its shards cannot be moved' FROM tables
        WHERE NOT EXISTS (SELECT FROM pg_index WHERE indrelid = tables.oid AND indisprimary)
      UNION ALL
      SELECT indexrelid::regclass || ': must begin with organization_id' FROM tables
        JOIN pg_index ON indrelid = tables.oid AND (indisunique OR indisexclusion)
        WHERE distributed AND indkey[0] IS DISTINCT FROM organization
      UNION ALL
      SELECT conname || ': must refer to the same organization, or to a reference table'
        FROM pg_constraint
        JOIN tables AS of ON of.oid = conrelid
        JOIN tables AS target ON target.oid = confrelid
        WHERE contype = 'f' AND target.distributed AND (NOT of.distributed OR NOT EXISTS (
          SELECT FROM unnest(conkey, confkey) AS k (here, there)
          WHERE here = of.organization AND there = target.organization))
      UNION ALL
      SELECT conname || ': must restrict' FROM pg_constraint
        JOIN tables ON tables.oid = conrelid AND contype = 'f'
        WHERE confdeltype NOT IN ('a', 'r') OR confupdtype NOT IN ('a', 'r')
      UNION ALL
      SELECT tgname || ': is a trigger' FROM pg_trigger
        JOIN pg_class c ON c.oid = tgrelid AND c.relnamespace = 'public'::regnamespace
        WHERE NOT tgisinternal
      UNION ALL
      SELECT relname || ': is a sequence' FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
      UNION ALL
      SELECT relname || ': has security by row' FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relrowsecurity
      ORDER BY 1
      """;

  private static final String FOREIGN_KEYS =
      """
      SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        || CASE WHEN convalidated THEN '' ELSE ', not valid' END
      FROM pg_constraint WHERE contype = 'f' ORDER BY 1
      """;

  private Connection database;

  @BeforeAll
  static void what_the_migrations_make() throws SQLException {
    administer("CREATE DATABASE " + TEMPLATE);
    migrate(TEMPLATE, NO_OTHER);
  }

  @BeforeEach
  void a_database_of_its_own() throws SQLException {
    administer("CREATE DATABASE " + NAME + " TEMPLATE " + TEMPLATE);
    database = DriverManager.getConnection(address(NAME));
  }

  @AfterEach
  void drop() throws SQLException {
    database.close();
    administer("DROP DATABASE " + NAME);
  }

  @AfterAll
  static void drop_the_template() throws SQLException {
    administer("DROP DATABASE " + TEMPLATE);
  }

  @Test
  void every_table_but_one_is_spread_by_its_organization_or_has_a_copy_on_each_node()
      throws SQLException {
    spread();

    Map<String, String> asked = new TreeMap<>();
    try (Statement statement = database.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT logicalrelid, distributed_by, colocated_with FROM citus.pg_dist_partition")) {
      while (rows.next()) {
        assertThat(asked.put(rows.getString(1), rows.getString(2) + " " + rows.getString(3)))
            .as(rows.getString(1) + " is named once")
            .isNull();
      }
    }
    assertThat(asked.keySet())
        .isEqualTo(
            new TreeSet<>(
                strings(
                    "SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'p')"
                        + " AND relnamespace = 'public'::regnamespace AND NOT relispartition"
                        + " AND relname <> 'flyway_schema_history'"
                        // The library of the limits deletes in ways that no shard can.
                        + " AND relname <> 'limit_bucket'")));
    assertThat(Set.copyOf(asked.values()))
        .containsExactlyInAnyOrder("null null", "organization_id none", "organization_id account");
    assertThat(asked).containsEntry("account", "organization_id none");
  }

  @Test
  void no_table_breaks_a_rule_of_the_cluster() throws SQLException {
    spread();

    assertThat(strings(VIOLATIONS)).isEmpty();
  }

  @Test
  void a_table_that_breaks_a_rule_is_found() throws SQLException {
    spread();
    execute(
        """
        CREATE TABLE loose (organization_id varchar, id bigserial UNIQUE, account_id text,
          FOREIGN KEY (account_id, organization_id) REFERENCES account ON DELETE CASCADE);
        CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER touched AFTER UPDATE ON monthly_usage FOR EACH ROW EXECUTE FUNCTION nothing();
        ALTER TABLE data_version ENABLE ROW LEVEL SECURITY;
        SELECT citus.create_distributed_table('loose', 'organization_id', 'account');
        """);

    assertThat(strings(VIOLATIONS))
        .containsExactly(
            "data_version: has security by row",
            "loose: organization_id must be text COLLATE \"C\" NOT NULL",
            "loose: without a primary key its shards cannot be moved",
            "loose_account_id_organization_id_fkey: must refer to the same organization, or to a"
                + " reference table",
            "loose_account_id_organization_id_fkey: must restrict",
            "loose_id_key: must begin with organization_id",
            "loose_id_seq: is a sequence",
            "touched: is a trigger");
  }

  @Test
  void spreading_keeps_every_foreign_key_and_does_nothing_the_second_time() throws SQLException {
    List<String> foreignKeys = strings(FOREIGN_KEYS);
    spread();
    List<String> spread = strings("SELECT logicalrelid FROM citus.pg_dist_partition");

    execute(
        "DELETE FROM flyway_schema_history WHERE script = 'D__usage-api.database.distributed.sql'");
    migrate(NAME, MigrationConnection.DISTRIBUTED_PREFIX);

    assertThat(strings(FOREIGN_KEYS)).isEqualTo(foreignKeys).isNotEmpty();
    assertThat(strings("SELECT logicalrelid FROM citus.pg_dist_partition")).isEqualTo(spread);
  }

  @Test
  void a_database_that_is_no_cluster_is_refused_by_the_name_of_the_setting() {
    assertThatThrownBy(() -> migrate(NAME, MigrationConnection.DISTRIBUTED_PREFIX))
        .isInstanceOf(FlywayException.class)
        .hasMessageContaining("usage-api.database.distributed is set");
  }

  @Test
  void a_database_that_was_spread_is_refused_without_the_setting_by_its_name() throws SQLException {
    spread();

    assertThatThrownBy(() -> migrate(NAME, NO_OTHER))
        .isInstanceOf(FlywayException.class)
        .hasMessageContaining("not resolved locally: usage-api.database.distributed");
  }

  private void spread() throws SQLException {
    execute(STAND_INS);
    migrate(NAME, MigrationConnection.DISTRIBUTED_PREFIX);
  }

  private static void migrate(String name, String repeatable) {
    Flyway.configure()
        .dataSource(address(name), null, null)
        .repeatableSqlMigrationPrefix(repeatable)
        .load()
        .migrate();
  }

  private static String address(String name) {
    return "jdbc:postgresql://localhost:" + TestPostgres.port() + "/" + name + "?user=postgres";
  }

  private static void administer(String sql) throws SQLException {
    try (Connection connection = TestPostgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = database.createStatement()) {
      statement.execute(sql);
    }
  }

  private List<String> strings(String sql) throws SQLException {
    List<String> strings = new ArrayList<>();
    try (Statement statement = database.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        strings.add(rows.getString(1));
      }
    }
    return strings;
  }
}
