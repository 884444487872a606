package io.usageapi.filter;

import io.usageapi.error.ErrorCode;
import io.usageapi.filter.Field.Kind;
import io.usageapi.filter.UsageFilterParser.ComparisonContext;
import io.usageapi.filter.UsageFilterParser.ConjunctionContext;
import io.usageapi.filter.UsageFilterParser.ContainsContext;
import io.usageapi.filter.UsageFilterParser.DisjunctionContext;
import io.usageapi.filter.UsageFilterParser.EqualityContext;
import io.usageapi.filter.UsageFilterParser.FieldTestContext;
import io.usageapi.filter.UsageFilterParser.LeafContext;
import io.usageapi.filter.UsageFilterParser.NegationContext;
import io.usageapi.filter.UsageFilterParser.NestedContext;
import io.usageapi.filter.UsageFilterParser.NotContext;
import io.usageapi.filter.UsageFilterParser.OneOfContext;
import io.usageapi.filter.UsageFilterParser.RangeContext;
import io.usageapi.filter.UsageFilterParser.TestContext;
import io.usageapi.http.QueryParameters;
import java.time.YearMonth;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.misc.IntervalSet;

/** Parses filters by the grammar {@code UsageFilter.g4}, and checks the types of fields. */
public final class FilterReader {
  /** The most characters of a filter in a request. */
  public static final int MAX_LENGTH = 1600;

  /** The deepest nesting of parentheses and of {@code not}. */
  public static final int MAX_DEPTH = 32;

  /** The most literals in a filter. */
  public static final int MAX_LITERALS = 200;

  private static final String PARAMETER = "filter";
  private static final Pattern MONTH = Pattern.compile("[0-9]{4}-(0[1-9]|1[0-2])");
  private static final Pattern DAY = Pattern.compile(MONTH + "-[0-9]{2}");
  private static final int MONTH_LENGTH = "2023-08".length();
  private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");

  private final Map<String, Field> fields;

  /** Creates a reader for filters over {@code fields}. */
  public FilterReader(Collection<Field> fields) {
    this.fields = fields.stream().collect(Collectors.toMap(Field::name, Function.identity()));
  }

  /** Reads the parameter {@code filter}, and collects errors. */
  public Optional<Filter> read(QueryParameters parameters) {
    try {
      return parameters.text(PARAMETER, MAX_LENGTH).map(this::read);
    } catch (FilterException e) {
      parameters.reject(PARAMETER, ErrorCode.INVALID_FILTER, e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * Parses a filter.
   *
   * @throws FilterException if the text is not a filter over these fields
   */
  public Filter read(String text) {
    UsageFilterLexer lexer = new UsageFilterLexer(CharStreams.fromString(text));
    lexer.removeErrorListeners();
    CommonTokenStream tokens = new CommonTokenStream(lexer);
    checkBounds(tokens);
    UsageFilterParser parser = new UsageFilterParser(tokens);
    parser.removeErrorListeners();
    parser.addErrorListener(new FirstError());
    return disjunction(parser.filter().disjunction());
  }

  /** Runs before parsing, so that the recursion depth of the parser is bounded too. */
  private static void checkBounds(CommonTokenStream tokens) {
    tokens.fill();
    int parentheses = 0;
    int nots = 0;
    int literals = 0;
    for (Token token : tokens.getTokens()) {
      switch (token.getType()) {
        case UsageFilterLexer.NOT -> nots++;
        case UsageFilterLexer.OPEN -> parentheses++;
        case UsageFilterLexer.CLOSE -> {
          parentheses--;
          nots = 0;
        }
        case UsageFilterLexer.FIELD -> nots = 0;
        case UsageFilterLexer.TEXT -> literals++;
        default -> {}
      }
      if (parentheses > MAX_DEPTH || nots > MAX_DEPTH) {
        throw new FilterException(
            position(token), "expected at most " + MAX_DEPTH + " levels of nesting");
      }
      if (literals > MAX_LITERALS) {
        throw new FilterException(
            position(token), "expected at most " + MAX_LITERALS + " literals");
      }
    }
  }

  private Filter disjunction(DisjunctionContext context) {
    List<Filter> parts = context.conjunction().stream().map(this::conjunction).toList();
    return parts.size() == 1 ? parts.get(0) : new Filter.Or(parts);
  }

  private Filter conjunction(ConjunctionContext context) {
    List<Filter> parts = context.negation().stream().map(this::negation).toList();
    return parts.size() == 1 ? parts.get(0) : new Filter.And(parts);
  }

  private Filter negation(NegationContext context) {
    if (context instanceof NotContext not) {
      return new Filter.Not(negation(not.negation()));
    }
    if (context instanceof NestedContext nested) {
      return disjunction(nested.disjunction());
    }
    return comparison(((LeafContext) context).comparison());
  }

  private Filter comparison(ComparisonContext context) {
    if (context instanceof FieldTestContext fieldTest) {
      return test(field(fieldTest.FIELD().getSymbol()), fieldTest.test());
    }
    ContainsContext contains = (ContainsContext) context;
    Field field = field(contains.FIELD().getSymbol());
    if (field.kind() != Kind.TEXT) {
      throw new FilterException(
          position(contains.FIELD().getSymbol()),
          "expected a text field, for contains does not take " + field.name());
    }
    return new Filter.Contains(field, literal(field, contains.TEXT().getSymbol()));
  }

  private static Filter test(Field field, TestContext context) {
    if (context instanceof EqualityContext equality) {
      Filter.Operator operator = operator(equality.operator);
      if (equality.NULL() == null) {
        return new Filter.Compare(field, operator, literal(field, equality.TEXT().getSymbol()));
      }
      if (!field.nullable()) {
        throw new FilterException(
            position(equality.NULL().getSymbol()),
            "expected a literal in single quotes, for " + field.name() + " always has a value");
      }
      Filter isNull = new Filter.IsNull(field);
      return operator == Filter.Operator.EQ ? isNull : new Filter.Not(isNull);
    }
    if (context instanceof RangeContext range) {
      if (field.kind() == Kind.ENUM || field.kind() == Kind.CURRENCY) {
        throw new FilterException(
            position(range.operator),
            "expected eq, ne or in, which is all " + field.name() + " takes");
      }
      return new Filter.Compare(
          field, operator(range.operator), literal(field, range.TEXT().getSymbol()));
    }
    OneOfContext oneOf = (OneOfContext) context;
    return new Filter.OneOf(
        field, oneOf.TEXT().stream().map(text -> literal(field, text.getSymbol())).toList());
  }

  private Field field(Token token) {
    Field field = fields.get(token.getText());
    if (field == null) {
      throw new FilterException(
          position(token), "expected one of the fields " + listed(fields.keySet()));
    }
    return field;
  }

  private static Filter.Operator operator(Token token) {
    return Filter.Operator.valueOf(token.getText().toUpperCase(Locale.ROOT));
  }

  private static String literal(Field field, Token token) {
    String quoted = token.getText();
    String literal = quoted.substring(1, quoted.length() - 1).replace("''", "'");
    switch (field.kind()) {
      case TEXT -> {}
      case MONTH -> {
        if (!MONTH.matcher(literal).matches()) {
          throw new FilterException(position(token), "expected a month like '2023-08'");
        }
      }
      case DAY -> {
        if (!isDay(literal)) {
          throw new FilterException(position(token), "expected a day like '2023-08-31'");
        }
      }
      case ENUM -> {
        if (!field.values().contains(literal)) {
          throw new FilterException(position(token), "expected one of " + listed(field.values()));
        }
      }
      case CURRENCY -> {
        if (!CURRENCY.matcher(literal).matches()) {
          throw new FilterException(
              position(token), "expected a currency, three letters A to Z, like 'EUR'");
        }
      }
    }
    return literal;
  }

  private static boolean isDay(String literal) {
    return DAY.matcher(literal).matches()
        && YearMonth.parse(literal.substring(0, MONTH_LENGTH))
            .isValidDay(Integer.parseInt(literal.substring(MONTH_LENGTH + 1)));
  }

  private static int position(Token token) {
    return token.getStartIndex() + 1;
  }

  private static String listed(Set<String> names) {
    return String.join(", ", new TreeSet<>(names));
  }

  /** Fails at the first error, with its position and what the grammar expected. */
  private static final class FirstError extends BaseErrorListener {
    private static final Map<Integer, String> WORDS =
        Map.of(
            Token.EOF, "the end",
            UsageFilterLexer.OPEN, "'('",
            UsageFilterLexer.CLOSE, "')'",
            UsageFilterLexer.COMMA, "','",
            UsageFilterLexer.FIELD, "a field",
            UsageFilterLexer.TEXT, "a literal in single quotes");

    /** The keywords are named like their tokens. */
    private static String word(int token) {
      String name = UsageFilterLexer.VOCABULARY.getSymbolicName(token);
      return WORDS.getOrDefault(token, name.toLowerCase(Locale.ROOT));
    }

    @Override
    public void syntaxError(
        Recognizer<?, ?> recognizer,
        Object offendingSymbol,
        int line,
        int charPositionInLine,
        String message,
        RecognitionException cause) {
      IntervalSet expected =
          cause == null || cause.getExpectedTokens() == null
              ? ((Parser) recognizer).getExpectedTokens()
              : cause.getExpectedTokens();
      throw new FilterException(
          position((Token) offendingSymbol),
          "expected "
              + expected.toList().stream()
                  .map(FirstError::word)
                  .collect(Collectors.joining(" or ")));
    }
  }
}
