package io.usageapi.database;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a migration may do while the server serves. A statement is refused unless it is known to be
 * in nobody's way: it makes what nobody uses yet, it only waits for others, or it changes one
 * table's description, for which the lock is had at once or given up.
 */
final class MigrationRules {
  private static final String NAME = "(\"[^\"]+\"|[\\w.]++)";

  /** In this order: what is quoted is no comment, and no end of a statement. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?s)--[^\\n]*|/\\*.*?\\*/|'(?:''|[^'])*+'|(\\$\\w*\\$).*?\\1|\"[^\"]*\"|;|[^-/'$\";]++|.");

  private static final Pattern CREATE_TABLE =
      Pattern.compile(
          "CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?"
              + NAME
              + "(?! AS\\b)(?!.* PARTITION OF).*");
  private static final Pattern INDEX =
      Pattern.compile(
          "CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?(IF NOT EXISTS )?"
              + NAME
              + " ON (ONLY )?"
              + NAME
              + ".*");
  private static final Pattern DROP_INDEX =
      Pattern.compile("DROP INDEX CONCURRENTLY IF EXISTS " + NAME);
  private static final Pattern ALTER_TABLE =
      Pattern.compile("ALTER TABLE (?:IF EXISTS )?(?:ONLY )?" + NAME + " (.*)");
  private static final Pattern DROP_TABLE = Pattern.compile("DROP TABLE (?:IF EXISTS )?" + NAME);
  private static final Pattern INSERT = Pattern.compile("INSERT INTO " + NAME + ".*");

  private static final Pattern CONSTANT =
      Pattern.compile("(NULL|TRUE|FALSE|-?[\\d.]+|''|NOW\\(\\)|CURRENT_DATE|CURRENT_TIMESTAMP)");
  private static final Pattern DEFAULT = Pattern.compile("DEFAULT (.+?)(?: NOT NULL| NULL)?");
  private static final Pattern ADD_COLUMN =
      Pattern.compile(
          "ADD (?:COLUMN )?(?:IF NOT EXISTS )?(?!(?:CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\\b)"
              + NAME
              + " (.*)");
  private static final Pattern NOT_NULL_CHECK =
      Pattern.compile("ADD CONSTRAINT " + NAME + " CHECK \\(" + NAME + " IS NOT NULL\\) NOT VALID");
  private static final Pattern NOT_VALID =
      Pattern.compile("ADD CONSTRAINT " + NAME + " .* NOT VALID");
  private static final Pattern VALIDATE = Pattern.compile("VALIDATE CONSTRAINT " + NAME);
  private static final Pattern SET_NOT_NULL =
      Pattern.compile("ALTER (?:COLUMN )?" + NAME + " SET NOT NULL");

  /** What changes the description of a table and looks at none of its rows. */
  private static final Pattern DESCRIPTION =
      Pattern.compile(
          "ALTER (COLUMN )?"
              + NAME
              + " (DROP NOT NULL|DROP DEFAULT|SET DEFAULT .*|SET STATISTICS .*|SET STORAGE .*)"
              + "|SET \\(.*\\)|RESET \\(.*\\)|DROP CONSTRAINT .*"
              + "|ATTACH PARTITION .*|DETACH PARTITION .* CONCURRENTLY");

  private final List<String> violations = new ArrayList<>();

  /** Columns of which an earlier file says that they are not null, by the name of what says so. */
  private final Map<String, String> checks;

  private final Set<String> validated;
  private final Set<String> made = new HashSet<>();
  private final Set<String> dropped = new HashSet<>();
  private final Set<String> changed = new HashSet<>();
  private final Set<String> added = new HashSet<>();

  private MigrationRules(Map<String, String> checks, Set<String> validated) {
    this.checks = checks;
    this.validated = validated;
  }

  /**
   * Reads a migration.
   *
   * @param sql its text
   * @param before what was run before it, from the first on
   * @return a line for each thing that breaks a rule
   */
  static List<String> violations(String sql, String... before) {
    Map<String, String> checks = new HashMap<>();
    Set<String> validated = new HashSet<>();
    for (String earlier : before) {
      new MigrationRules(checks, validated).read(earlier);
    }
    MigrationRules rules = new MigrationRules(new HashMap<>(checks), new HashSet<>(validated));
    rules.read(sql);
    return rules.violations;
  }

  private void read(String sql) {
    List<String> statements = statements(sql);
    long concurrent =
        statements.stream().filter(each -> each.contains("INDEX CONCURRENTLY ")).count();
    if (concurrent > 0 && concurrent < statements.size()) {
      violations.add("what is CONCURRENTLY needs a file of its own, as it is in no transaction");
    }
    Map<String, String> checksNow = new HashMap<>();
    Set<String> validatedNow = new HashSet<>();
    for (String statement : statements) {
      String problem = problem(statement, checksNow, validatedNow);
      if (!problem.isEmpty()) {
        violations.add(problem + ": " + statement);
      }
    }
    if (changed.size() > 1) {
      violations.add("a transaction that changes several tables locks them all until its end");
    }
    checks.putAll(checksNow);
    validated.addAll(validatedNow);
  }

  private String problem(
      String statement, Map<String, String> checksNow, Set<String> validatedNow) {
    var matcher = CREATE_TABLE.matcher(statement);
    if (matcher.matches()) {
      made.add(matcher.group(1));
      return "";
    }
    matcher = INDEX.matcher(statement);
    if (matcher.matches()) {
      return index(matcher);
    }
    matcher = DROP_INDEX.matcher(statement);
    if (matcher.matches()) {
      dropped.add(matcher.group(1));
      return "";
    }
    if (statement.matches("ALTER INDEX \\S+ ATTACH PARTITION .*|COMMENT ON .*")) {
      return "";
    }
    matcher = DROP_TABLE.matcher(statement.replaceFirst("^UNUSED ", ""));
    if (matcher.matches()) {
      changed.add(matcher.group(1));
      return statement.startsWith("UNUSED ") ? "" : "the release before may use it";
    }
    matcher = INSERT.matcher(statement);
    if (matcher.matches()) {
      return made.contains(matcher.group(1)) || !statement.contains("SELECT ")
          ? ""
          : "rows are filled in batches, by the server or a command";
    }
    boolean unused = statement.startsWith("UNUSED ");
    matcher = ALTER_TABLE.matcher(statement.replaceFirst("^UNUSED ", ""));
    if (matcher.matches()) {
      String table = matcher.group(1);
      if (made.contains(table)) {
        return "";
      }
      changed.add(table);
      for (String action : actions(matcher.group(2))) {
        String problem = action(table, action, unused, checksNow, validatedNow);
        if (!problem.isEmpty()) {
          return problem;
        }
      }
      return "";
    }
    if (statement.matches("(UPDATE|DELETE|MERGE|WITH) .*")) {
      return "rows are changed in batches, by the server or a command";
    }
    return "not known to be in nobody's way";
  }

  private String index(MatchResult index) {
    boolean concurrently = index.group(1) != null;
    if (made.contains(index.group(5)) || (index.group(4) != null && !concurrently)) {
      return "";
    }
    if (!concurrently) {
      return "nothing can be written until an index is made that is not made CONCURRENTLY";
    }
    return index.group(2) == null && dropped.contains(index.group(3))
        ? ""
        : "one that broke off is there, but invalid: drop it IF EXISTS first";
  }

  private String action(
      String table,
      String action,
      boolean unused,
      Map<String, String> checksNow,
      Set<String> validatedNow) {
    var matcher = ADD_COLUMN.matcher(action);
    if (matcher.matches()) {
      return column(matcher.group(2));
    }
    matcher = NOT_NULL_CHECK.matcher(action);
    if (matcher.matches()) {
      checksNow.put(table + "." + matcher.group(2), table + "." + matcher.group(1));
    }
    matcher = NOT_VALID.matcher(action);
    if (matcher.matches()) {
      added.add(matcher.group(1));
      return "";
    }
    if (action.matches("ADD CONSTRAINT \\S+ (UNIQUE|PRIMARY KEY) USING INDEX .*")) {
      return "";
    }
    if (action.matches("ADD (CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\\b.*")) {
      return "every row is looked at under a lock: add it NOT VALID, or USING INDEX";
    }
    matcher = VALIDATE.matcher(action);
    if (matcher.matches()) {
      validatedNow.add(table + "." + matcher.group(1));
      return added.contains(matcher.group(1))
          ? "validate it in a file of its own: the lock of what adds it is held meanwhile"
          : "";
    }
    matcher = SET_NOT_NULL.matcher(action);
    if (matcher.matches()) {
      String check = checks.get(table + "." + matcher.group(1));
      return check != null && validated.contains(check)
          ? ""
          : "every row is looked at under a lock: first validate a CHECK that says so";
    }
    if (action.matches("DROP COLUMN .*")) {
      return unused ? "" : "the release before may use it";
    }
    if (action.startsWith("RENAME ")) {
      return "the release before uses the old name";
    }
    return DESCRIPTION.matcher(action).matches() ? "" : "not known to be in nobody's way";
  }

  /** Of what follows its name. */
  private static String column(String definition) {
    if (definition.matches(
        ".*\\b(SERIAL|BIGSERIAL|SMALLSERIAL|GENERATED|REFERENCES|CHECK|UNIQUE|PRIMARY)\\b.*")) {
      return "every row is written or looked at under a lock";
    }
    int place = definition.indexOf("DEFAULT ");
    if (place < 0) {
      return definition.contains("NOT NULL") ? "rows that are there have no value" : "";
    }
    var matcher = DEFAULT.matcher(definition.substring(place));
    return matcher.matches() && CONSTANT.matcher(matcher.group(1)).matches()
        ? ""
        : "every row is written: only a constant, or now(), is the same for all of them";
  }

  /** Without comments, in upper case, and without what is quoted in single quotes. */
  private static List<String> statements(String sql) {
    List<String> statements = new ArrayList<>();
    StringBuilder statement = new StringBuilder();
    TOKEN
        .matcher(sql + "\n;")
        .results()
        .map(MatchResult::group)
        .forEach(
            token -> {
              if (token.equals(";")) {
                String text = statement.toString().strip().replaceAll("\\s+", " ");
                if (!text.isEmpty()) {
                  statements.add(text.replaceAll("\\( ", "(").replaceAll(" \\)", ")"));
                }
                statement.setLength(0);
              } else if (token.matches("(?s)-- *unused since .*")) {
                statement.append(" UNUSED ");
              } else if (token.startsWith("--") || token.startsWith("/*")) {
                statement.append(' ');
              } else if (token.startsWith("'")) {
                statement.append("''");
              } else if (token.startsWith("$")) {
                statement.append("$$");
              } else {
                statement.append(token.toUpperCase(Locale.ROOT));
              }
            });
    return statements;
  }

  /** At the commas that stand in no parentheses. */
  private static List<String> actions(String list) {
    List<String> actions = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < list.length(); i++) {
      char c = list.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        actions.add(list.substring(start, i));
        start = i + 1;
      }
    }
    actions.add(list.substring(start));
    return actions.stream().map(String::strip).toList();
  }
}
