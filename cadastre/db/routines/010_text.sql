-- Azerbaijani text in SQL: the twins of cadastre/kernel/text.py and folding.py. Both sides are held to
-- tests/golden/text/*.toml and to a sweep over all of Unicode's basic plane; change them together.
-- The database locale is neutral (C.UTF-8): its upper() and lower() know ASCII only, and nothing here
-- depends on it.

CREATE OR REPLACE FUNCTION cadastre.az_lower(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN normalize(lower(translate(normalize(value, NFC), 'İI', 'iı') COLLATE "und-x-icu"), NFC);

COMMENT ON FUNCTION cadastre.az_lower(text) IS 'Azerbaijani lower case, composed: İ to i, I to ı.';

CREATE OR REPLACE FUNCTION cadastre.az_upper(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN normalize(upper(translate(normalize(value, NFC), 'iı', 'İI') COLLATE "und-x-icu"), NFC);

COMMENT ON FUNCTION cadastre.az_upper(text) IS 'Azerbaijani upper case, composed: i to İ, ı to I.';

-- A word that mixes alphabets, in Latin letters: the same shape, or the letter of an old font. Marks have
-- been stripped before, so the letters meant stand here without theirs.
CREATE OR REPLACE FUNCTION cadastre.unmix_bare_words(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT string_agg(
        CASE
            WHEN word[1] ~ '[A-Za-zəƏǝƎı]' COLLATE "C" AND word[1] ~ '[\u0400-\u052F]' COLLATE "C"
            THEN translate(word[1],
                'аеікорсухһјѕәԁԛԝАВЕІКМНОРСТУХҺЈЅӘящцюъэьыЯЩЦЮЪЭЬЫ',
                'aeikopcyxhjsədqwABEIKMHOPCTYXHJSƏəhuocggıƏHUOCGGI')
            ELSE word[1]
        END, '' ORDER BY place)
    FROM regexp_matches(
        value COLLATE "C", '[0-9A-Za-zəƏǝƎı\u0400-\u052F]+|[^0-9A-Za-zəƏǝƎı\u0400-\u052F]+', 'g'
    ) WITH ORDINALITY AS parts (word, place)
);

COMMENT ON FUNCTION cadastre.unmix_bare_words(text) IS 'Part of fold_text: words of mixed alphabets in Latin letters.';

CREATE OR REPLACE FUNCTION cadastre.fold_text(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    -- characters without a glyph, then apostrophes
    dropped CONSTANT text := '[\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF'
        || '''`\u00B4\u02B9\u02BB\u02BC\u02BE\u02BF\u2018\u2019\u201B\u2032]+';
    folded text := value;
BEGIN
    IF octet_length(folded) = length(folded) THEN
        folded := translate(folded, '''`', '');
    ELSE
        folded := normalize(regexp_replace(folded, dropped, '', 'g'), NFKC);
        IF folded ~ dropped THEN
            folded := regexp_replace(folded, dropped, '', 'g');
        END IF;
        -- й before its mark is taken for an accent
        folded := regexp_replace(normalize(translate(folded, 'йЙ', 'јЈ'), NFD), '[\u0300-\u036F]+', '', 'g');
        IF folded ~ '[\u0400-\u052F]' COLLATE "C" THEN
            folded := translate(cadastre.unmix_bare_words(folded),
                'абвгғдежзиыјкҝлмноөпрстуүфхһчҹшәэіАБВГҒДЕЖЗИЫЈКҜЛМНОӨПРСТУҮФХҺЧҸШӘЭІщЩъЪьЬ',
                'abvqgdejziiykglmnooprstuufxhccseeiabvqgdejziiykglmnooprstuufxhccseeiss');
            folded := replace(replace(replace(folded, 'я', 'ya'), 'ю', 'yu'), 'ц', 'ts');
            folded := replace(replace(replace(folded, 'Я', 'ya'), 'Ю', 'yu'), 'Ц', 'ts');
        END IF;
        folded := translate(folded, 'əƏǝƎıß', 'eeeeis');
    END IF;
    folded := replace(lower(folded COLLATE "C"), 'dj', 'c');
    RETURN btrim(regexp_replace(folded,
        '[\u0001-/:-@\[-`\{-\u00BF\u2000-\u206F\u2E00-\u2E7F\u3000-\u303F]+' COLLATE "C", ' ', 'g'), ' ');
END
$$;

COMMENT ON FUNCTION cadastre.fold_text(text) IS
    'Search key: one for the Latin, ASCII, Cyrillic (1958) and lookalike spellings of a text.';

CREATE OR REPLACE FUNCTION cadastre.is_clean_text(value text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN value IS NFC NORMALIZED
    AND value = btrim(value, U&' \00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\202F\205F\3000')
    AND value !~ '[\u0001-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u2064\u2066-\u2069\uE000-\uF8FF\uFEFF]'
        COLLATE "C";

COMMENT ON FUNCTION cadastre.is_clean_text(text) IS
    'What clean_text() lets through on one line: composed, trimmed, nothing invisible, no control or direction characters.';
