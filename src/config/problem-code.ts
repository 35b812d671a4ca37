/** The codes of problems of a configuration, for editors and scripts: a sentence each, from which the reference is made. */

export const problemCodes = {
  "file.unreadable": "The file is not there, may not be read, or is too long.",
  "file.absent": "A file that is read while the router runs is not there yet, or may not be read.",
  "file.empty": "The file holds no configuration.",
  "yaml.syntax": "The text is no YAML.",
  "json.syntax": "The text begins with `{` and is no JSON.",
  "yaml.duplicate-key": "A key is written twice in one mapping.",
  "yaml.alias": "An alias, or a merge key, which are not followed.",
  "yaml.ignored": "A tag, an anchor, a directive, a byte order mark or a further document, which are read over.",
  "yaml.surprise": "Other readers of YAML take this value for another one.",
  "key.unknown": "No such key is known there.",
  "key.missing": "A key without a default is not there.",
  "key.refused": "The key is known, and is not there any more, or not yet, or stands in another place.",
  "key.idle": "The key, or the kind, is accepted and has no effect.",
  "kind.missing": "A mapping does not say its kind.",
  "kind.unknown": "No such kind is known there.",
  "kind.refused": "The kind is known, and is not in this version, or not for this protocol.",
  "kind.noted": "The kind is served, and does something else than it did in Linkerd 1.",
  "kind.experimental": "The kind needs `experimental: true` beside it.",
  "value.type": "The value is of another type, or outside of its range.",
  "value.invalid": "The value is of the right type, and cannot be understood, or does not go with others.",
  "dtab.syntax": "The text is no dtab, or no path; the place is that of the letter that cannot stand there.",
  "dtab.unserved":
    "A dentry, or a mirror, leads to a prefix that no namer serves, or a server is announced by one that no announcer takes.",
  "dtab.unreachable": "No name ever comes to a dentry, or to a branch of one.",
  "dtab.shadowed": "A later dentry decides every name before this one is asked, or says the same again.",
  "dtab.loop": "A dentry leads back to itself.",
  "dtab.weight": "A branch has the weight 0 and is never drawn.",
  "label.duplicate": "Two routers have one label, or two mirrors one name.",
  "port.duplicate": "Two listeners have one port and addresses that overlap.",
  "prefix.duplicate": "Two namers have one prefix.",
  "plugin.refused": "A package under `plugins` cannot be loaded, or does not fit.",
  "plugin.failed": "The values fit, and a plugin cannot work with them.",
  "tls.file": "A file with a certificate or a key is missing, broken or expired.",
} as const;

export type ProblemCode = keyof typeof problemCodes;
