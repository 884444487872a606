// The grammar of the `filter` parameter (contract, "Filter").
// Precedence is by nesting of rules: not binds closer than and, and closer than or.
grammar UsageFilter;

filter
    : disjunction EOF
    ;

disjunction
    : conjunction (OR conjunction)*
    ;

conjunction
    : negation (AND negation)*
    ;

negation
    : NOT negation                  # Not
    | OPEN disjunction CLOSE        # Nested
    | comparison                    # Leaf
    ;

// Decided by one token at a time, so that an error names what was expected right there.
comparison
    : FIELD test                                  # FieldTest
    | CONTAINS OPEN FIELD COMMA TEXT CLOSE        # Contains
    ;

test
    : operator=(EQ | NE) (NULL | TEXT)            # Equality
    | operator=(GT | GE | LT | LE) TEXT           # Range
    | IN OPEN TEXT (COMMA TEXT)* CLOSE            # OneOf
    ;

AND      options { caseInsensitive = true; } : 'and';
OR       options { caseInsensitive = true; } : 'or';
NOT      options { caseInsensitive = true; } : 'not';
EQ       options { caseInsensitive = true; } : 'eq';
NE       options { caseInsensitive = true; } : 'ne';
GT       options { caseInsensitive = true; } : 'gt';
GE       options { caseInsensitive = true; } : 'ge';
LT       options { caseInsensitive = true; } : 'lt';
LE       options { caseInsensitive = true; } : 'le';
IN       options { caseInsensitive = true; } : 'in';
NULL     options { caseInsensitive = true; } : 'null';
CONTAINS options { caseInsensitive = true; } : 'contains';

OPEN  : '(';
CLOSE : ')';
COMMA : ',';

// Field names are exact; which there are, and what they take, is checked where the tree is built.
FIELD : [A-Za-z_] [A-Za-z0-9_]*;

// A quote inside a text is doubled.
TEXT : '\'' ( ~['] | '\'\'' )* '\'';

SPACE : [ \t\r\n]+ -> skip;

// So that a stray character is an error of the parser, with a position, as any other.
UNEXPECTED : . ;
