"""python pruefen.py akte-V-2026-0001.zip [--schluessel VKEY] [--pruefpunkt DATEI] [--en]

Prüft die Akte eines Vorgangs, ohne Netz und ohne das Programm, das sie geschrieben hat. Ergebnis 0: unversehrt. 1: verändert. 2: nicht oder nicht vollständig zu prüfen. Nötig ist nur
Python ab 3.8. Was die Dateien bedeuten, sagt LIESMICH.txt. Gerechnet wird so: Blatt =
SHA-256(00 Kopf), Knoten = SHA-256(01 links rechts) (RFC 6962, 2.1); Texte, Dokumente, Nachrichten =
SHA-256("rechtzeitig/body/v1" 00 Salz Bytes), Salz 32 Byte; Unterschriften Ed25519 (RFC 8032).
"""

# fmt: off
import argparse, base64, datetime, hashlib, json, re, sys, zipfile  # noqa: E401
NAME = r'((beweise|definitionen|dokumente|nachrichten)/)?(?!\.{1,2}$)[^/\\:*?"<>|\0-\37]+'
NEEDED = {"inhalt.json", "protokoll.jsonl", "umfeld.jsonl", "schluessel.txt", "konsistenz.txt"}
FILES, LARGEST, WHOLE = 200_000, 256 << 20, 4 << 30  # Dateien; Bytes je Datei; Bytes zusammen
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

class Found(Exception):
    """Was gegen die Akte spricht: Ergebnis (1 oder 2), Satz (deutsch | englisch), Werte."""
def refuse(wrong, code, words):  # nennt das Erste von dem, was nicht stimmt
    for one in sorted(wrong):
        raise Found(code, words, one)

# Unterschriften: Ed25519 (RFC 8032, 5.1)
def point(data):  # der Punkt x, y der Kurve, den 32 Byte nennen, sonst None
    sign, y = data[31:] > b"\x7f", int.from_bytes(data, "little") & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    wrong = len(data) != 32 or y >= P or x * x % P != square or (x == 0 and sign)
    return None if wrong else (x if x & 1 == sign else P - x, y)
def plus(p, q):
    (a, b), (c, d), e = p, q, D * p[0] * p[1] * q[0] * q[1]
    return (a * d + b * c) * pow(1 + e, -1, P) % P, (b * d + a * c) * pow(1 - e, -1, P) % P
def times(number, p):
    rest = times(number >> 1, plus(p, p)) if number > 1 else (0, 1)
    return plus(rest, p) if number & 1 else rest
def signed(public, message, signature):  # ob die Unterschrift stimmt
    key, nonce, s = point(public), point(signature[:-32]), int.from_bytes(signature[-32:], "little")
    if not key or not nonce or s >= ORDER or times(8, key) == (0, 1):  # Punkt kleiner Ordnung
        return False
    hashed = hashlib.sha512(signature[:32] + public + message).digest()
    base = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    return times(s, base) == plus(nonce, times(int.from_bytes(hashed, "little") % ORDER, key))

# Prüfsummen, Beweise (RFC 6962, 2.1) und Prüfpunkte (c2sp.org/signed-note, tlog-checkpoint)
def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()
def commitment(salt, data):  # was das Protokoll über einen Text oder eine Datei festhält
    return sha(b"rechtzeitig/body/v1\0", salt, data).hex() if len(salt) == 32 else None
def plain(text):
    return base64.b64decode(text, validate=True)
def hashes(texts):
    return [{32: one}[len(one)] for one in map(plain, texts)]
def included(leaf, index, size, path):  # die Wurzel, zu der ein Blatt mit seinem Beweis führt
    if size <= 1 or not path:
        return {(0, 1, 0): leaf}[index, size, len(path)]  # alles andere ist kein Beweis
    half = 1 << ((size - 1).bit_length() - 1)  # die größte Zweierpotenz unter der Größe
    if index < half:
        return sha(b"\1", included(leaf, index, half, path[:-1]), path[-1])
    return sha(b"\1", path[-1], included(leaf, index - half, size - half, path[:-1]))
def continued(first, size, path, root, whole=True):  # die beiden Wurzeln, zu denen er führt
    if first == size:
        [known] = [root, *path] if whole else path  # alles andere ist kein Beweis
        return known, known
    half = 1 << ((size - 1).bit_length() - 1)
    if first <= half:
        old, new = continued(first, half, path[:-1], root, whole)
        return old, sha(b"\1", new, path[-1])
    old, new = continued(first - half, size - half, path[:-1], root, False)
    return sha(b"\1", path[-1], old), sha(b"\1", path[-1], new)

def key_of(vkey):  # Name, Kennung, Art (1 Protokoll, 4 Zeuge) und Schlüssel
    name, identifier, data = vkey.strip().split("+", 2)
    if len(plain(data)) != 33 or sha(name.encode(), b"\n", plain(data))[:4].hex() != identifier:
        raise Found(2, "Nicht prüfbar: %s ist kein Schlüssel. | Cannot be checked: %s is no key.", vkey)
    return name, bytes.fromhex(identifier), plain(data)[0], plain(data)[1:]
def opened(note, keys, what):  # Ursprung, Größe, Wurzel, Zeit und Zeugen eines Prüfpunkts
    (text, _, below), signers = note.rpartition("\n\n"), []
    origin, size, root, *more = text.split("\n")
    for _, name, data in (line.split(" ") for line in below[:-1].split("\n")):
        for public in (k for k in keys if k[:2] == (name, plain(data)[:4])):
            at = int.from_bytes(plain(data)[4:12], "big") if public[2] == 4 else None
            said = b"" if at is None else b"cosignature/v1\ntime %d\n" % at
            if not signed(public[3], said + text.encode() + b"\n", plain(data)[4 if at is None else 12 :]):
                raise Found(1, "Die Unterschrift von %s unter %s stimmt nicht. | The signature of %s under %s is wrong.", name, what)
            signers.append((name, at))
    refuse([what] * ((origin, None) not in signers), 2, "Nicht prüfbar: Kein bekannter Schlüssel hat %s unterschrieben. | Cannot be checked: no known key has signed %s.")
    at = next((int(x[5:]) // 10**6 for x in more if x.startswith("time ")), None)
    return origin, int(size), hashes([root])[0], at, [s for s in signers if s[1] is not None]

# Die Akte
def files(path):  # die ZIP-Datei, nachdem Namen, Arten und Größen aller Dateien geprüft sind
    pack, names, whole = zipfile.ZipFile(path), set(), 0
    for info in pack.infolist():
        name, whole = info.filename, whole + info.file_size
        odd = not re.fullmatch(NAME, name) or name.casefold() in names or info.flag_bits & 1
        huge = info.file_size > min(LARGEST, (1 << 20) + 200 * info.compress_size)
        if odd or huge or whole > WHOLE or len(names) > FILES or info.external_attr >> 28 not in (0, 8):
            raise Found(2, "Nicht prüfbar: %r ist zu groß oder gehört nicht in eine Akte. | Cannot be checked: %r is too large or does not belong in a file.", name)
        names.add(name.casefold())
    return pack

def entry(line, proof, note, seal, place):  # Kopf, Blatt und Fehlen des Textes, wenn alles stimmt
    header, body = plain(line["header"]), line["body"]
    said, leaf = json.loads(header), sha(b"\0", header)
    fits = place in (None, (said["stream"], said["seq"], said["prev"])) and leaf.hex() == line["leaf"]
    if body is not None:  # der Text, dessen Prüfsumme der Kopf nennt
        fits = fits and commitment(plain(line["salt"]), plain(body)) == said["private"]
    if proof:  # der Eintrag steht in dem Protokoll, das der Prüfpunkt versiegelt
        first, index, *path = proof.partition("\n\n")[0].split("\n")
        index = int(re.fullmatch("index (0|[1-9][0-9]{0,17})", index)[1])
        fits = fits and first == "c2sp.org/tlog-proof@v1" and proof.partition("\n\n")[2] == note
        fits = fits and (seal[0] + "/log-").startswith(said["log"] + "/log-")
        fits = fits and included(leaf, index, seal[1], hashes(path)) == seal[2]
    return {True: (said, leaf.hex(), said["private"] != "" and body is None)}[fits]

def check(pack, vkeys, remembered):  # die Sätze zu einer unversehrten Akte; sonst Found
    text = lambda name: pack.read(name).decode() if name in names else ""  # noqa: E731
    toc, names = json.loads(pack.read("inhalt.json")), {i.filename for i in pack.infolist()}
    refuse(names ^ (set(toc["files"]) | NEEDED), 2, "Nicht prüfbar: %s fehlt oder ist zu viel. | Cannot be checked: %s is missing or one too many.")
    keys = [key_of(x) for x in vkeys or text("schluessel.txt").splitlines()]
    note, used, bare, all_of = text("pruefpunkt.txt"), set(), 0, {"Eintrag": [], "Begleiteintrag": []}
    seal, before = opened(note, keys, "pruefpunkt.txt") if note else None, "00" * 32
    for kind, name in zip(all_of, ("protokoll", "umfeld")):
        for number, line in enumerate(filter(None, text(name + ".jsonl").split("\n")), 1):
            proof = "beweise/%s-%04d.tlog-proof" % (name, number)
            place = (toc["stream"], number, before) if kind == "Eintrag" else None
            try:
                said, before, gone = entry(json.loads(line), text(proof), note, seal, place)
            except Exception:
                raise Found(1, "%s %d wurde verändert. | %s %d was changed.", kind, number) from None
            all_of[kind].append((number, said["plain"], gone, said["stream"][:4] + said["type"]))
            used, bare = used | {proof}, bare + (not text(proof))
    entries, beside = all_of.values()
    refuse(range(len(entries) + 1, toc["entries"] + 1), 1, "Eintrag %d fehlt. | Entry %d is missing.")
    erased = [p for _, p, _, of in beside if of == "reteerased" and "case/" + p["subject"] == toc["stream"]]
    claims = [(n, d["uid"], d["commitment"]) for n, p, _, _ in entries for d in p.get("documents", ())]
    claims += [(n, "", "") for n, _, gone, _ in entries if gone]
    claims += [(0, p["message"], p["commitment"]) for _, p, _, of in beside if of == "mailmessage"]
    lost = [0, 0]  # Texte und Dokumente; Nachrichten
    for number, uid, committed in claims:
        held = toc["held"].get(uid) or {"file": None}
        lost[number == 0] += held["file"] is None
        refuse([number] * (not held["file"] and number > 0 and not erased), 1, "Eintrag %d: Text oder Dokument fehlt ohne Löschung. | Entry %d: text or document is missing, and nothing was erased.")
        data = pack.read(held["file"]) if held["file"] in names else b""
        if held["file"] and commitment(plain(held["salt"]), data) != committed:
            raise Found(1, "%s fehlt oder wurde verändert. | %s is missing or was changed.", held["file"])
        used.add(held["file"])
    laws = {sha(pack.read(n)).hex(): n for n in names if n.startswith("definitionen/")}
    active = [p["digest"] for _, p, _, of in beside if of == "defiactivation" and p["digest"] in laws]
    pins = {x for _, p, _, _ in entries for x in (p.get("calendar"), p.get("ladder"), p.get("definition"), *p.get("law", ())) if x}
    lacking = (x for x in pins if not any(d.startswith(x.split("@")[-1]) for d in active))
    refuse(lacking, 1, "Die Definition %s fehlt oder wurde verändert. | Definition %s is missing or was changed.")
    beyond = (n for n in names - used - {laws[d] for d in active} if "/" in n)
    refuse(beyond, 1, "%s gehört nicht zur Akte. | %s does not belong to the file.")
    changed = (n for n, digest in toc["files"].items() if sha(pack.read(n)).hex() != digest)
    refuse(changed, 1, "%s wurde verändert; das Protokoll selbst ist unversehrt. | %s was changed; the log itself is intact.")
    refuse([bare] * bool(bare or not seal), 2, "Nicht prüfbar: %d Einträge sind in sich stimmig, aber ohne Siegel. | Cannot be checked: %d entries fit one another, but are not sealed.")
    held = remembered and reached(remembered, keys, seal, text("konsistenz.txt"))
    day = lambda at: datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%d.%m.%Y")  # noqa: E731
    files_in = [sum(n.startswith(folder) for n in names) for folder in ("dokumente/", "nachrichten/")]
    yield ("Unversehrt. %d Einträge, %d Dokumente, %d Nachrichten. Siegel vom %s stimmt. | Intact. %d entries, %d documents, %d mails. The seal of %s is right.", len(entries), *files_in, day(seal[3]))
    yield from [("Schwächer: Der Schlüssel %s stammt aus der Akte selbst; vergleichen Sie ihn mit dem auf Papier. | Weaker: the key %s comes from the file itself; compare it with the one on paper.", text("schluessel.txt").split()[0])] * (not vkeys)
    yield from [("Mitgezeichnet von %s am %s. | Cosigned by %s on %s.", name, day(at)) for name, at in seal[4]]
    yield from [("Der mitgebrachte Prüfpunkt (%d Einträge) passt. | The checkpoint you brought (%d entries) fits.", held)] * bool(held)
    yield from [("Nicht enthalten: %d gelöschte Texte und Dokumente, %d Nachrichten; Gründe in inhalt.json. | Not included: %d erased texts and documents, %d mails; reasons in inhalt.json.", *lost)] * any(lost)
    yield "Vollständig bis Eintrag %d; was später eingetragen wurde, zeigt die Akte nicht. akte.html ist nur eine Abschrift. | Complete up to entry %d; the file does not show what was entered later. file.html is only a copy.", len(entries)

def reached(note, keys, seal, ways):  # die Größe des mitgebrachten Prüfpunkts, der passt
    _, size, root, _, _ = opened(note, keys, "dem mitgebrachten Prüfpunkt")
    ways = {int(n): hashes(path) for n, *path in map(str.split, ways.splitlines())}
    refuse({size} - {seal[1], *ways}, 2, "Nicht prüfbar: Zum mitgebrachten Prüfpunkt (%d Einträge) führt diese Akte nicht; bitte neu ausgeben lassen. | Cannot be checked: this file does not lead to the checkpoint you brought (%d entries); ask for a new one.")
    if continued(size, seal[1], ways.get(size, []), root) != (root, seal[2]):
        raise Found(1, "Das Protokoll wurde nach dem mitgebrachten Prüfpunkt umgeschrieben. | The log was rewritten after the checkpoint you brought.")
    return size

def main():
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("akte")
    reader.add_argument("--schluessel", action="append")
    reader.add_argument("--pruefpunkt", type=lambda path: open(path, encoding="utf-8").read())
    reader.add_argument("--en", action="store_true")
    asked = reader.parse_args()
    try:
        code, said = 0, list(check(files(asked.akte), asked.schluessel, asked.pruefpunkt))
    except Found as found:
        code, said = found.args[0], [found.args[1:]]
    except Exception as error:
        code, said = 2, [("Nicht prüfbar: %s | Cannot be checked: %s", error or type(error).__name__)]
    for words, *values in said:
        print(words.split(" | ")[asked.en] % tuple(values))
    return code

if __name__ == "__main__":
    sys.exit(main())
