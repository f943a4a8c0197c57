// Checks what audit_probe prints with golang.org/x/mod/sumdb, which shares no code with us:
// signed notes, trees, tiles, and every proof, which must also be the very proof it would make.
//
// Lines "log NAME VKEY KEPT FOLDER WITNESS" (KEPT a checkpoint in base64, WITNESS "-" for none)
// have a log in a folder looked at as an auditor would; each is answered "log NAME sound" or
// "log NAME found: WHY".
//
// usage: audit_probe SIZE FOLDER | verify [-alter]
//
//	-alter  changes one bit of each proof first; a failure is then one that was found
//
// Last line: "N runs, N failures".
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// witness verifies cosignature/v1, which sumdb's notes do not know.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }

func (w witness) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), text)
	return ed25519.Verify(w.key, []byte(message), sig[8:])
}

func newWitness(vkey string) witness {
	parts := strings.SplitN(vkey, "+", 3)
	data, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	sum := sha256.Sum256([]byte(parts[0] + "\n" + string(data)))
	hash := binary.BigEndian.Uint32(sum[:])
	if data[0] != 4 || fmt.Sprintf("%08x", hash) != parts[1] {
		must(fmt.Errorf("witness key %s", vkey))
	}
	return witness{parts[0], hash, data[1:]}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "verify:", err)
		os.Exit(70)
	}
}

// log is the tree as sumdb builds it from the leaves alone.
type log struct {
	stored []tlog.Hash
	leaves []tlog.Hash
	keys   [2]note.Verifier
	roots  map[int64]tlog.Hash // of the checkpoints
	alter  bool                // what was altered must be found by the checks alone
}

func (l *log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, index := range indexes {
		out = append(out, l.stored[index])
	}
	return out, nil
}

func (l *log) leaf(data []byte) error {
	hashes, err := tlog.StoredHashes(int64(len(l.leaves)), data, l)
	l.stored = append(l.stored, hashes...)
	l.leaves = append(l.leaves, tlog.RecordHash(data))
	return err
}

// open checks both signatures and gives size and root.
func (l *log) open(text []byte) (int64, tlog.Hash, error) {
	n, err := note.Open(text, note.VerifierList(l.keys[:]...))
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(n.Sigs) != 2 || len(n.UnverifiedSigs) != 0 || len(lines) != 4 {
		return 0, tlog.Hash{}, fmt.Errorf("%d signatures, %d lines", len(n.Sigs), len(lines))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return size, root, err
}

func (l *log) checkpoint(text []byte) error {
	size, root, err := l.open(text)
	if err != nil {
		return err
	}
	expected, err := tlog.TreeHash(size, l)
	if err != nil || size != int64(len(l.leaves)) || root != expected {
		return fmt.Errorf("tree of %d is not the one signed", size)
	}
	l.roots[size] = root
	return nil
}

func (l *log) inclusion(index, size int64, path []tlog.Hash) error {
	expected, err := tlog.ProveRecord(size, index, l)
	if err == nil && !l.alter && !same(path, expected) {
		err = fmt.Errorf("another proof")
	}
	if err == nil {
		err = tlog.CheckRecord(path, size, l.roots[size], index, l.leaves[index])
	}
	return err
}

func (l *log) consistency(old, size int64, path []tlog.Hash) error {
	expected, err := tlog.ProveTree(size, old, l)
	if err == nil && !l.alter && !same(path, expected) {
		err = fmt.Errorf("another proof")
	}
	if err == nil {
		err = tlog.CheckTree(path, size, l.roots[size], old, l.roots[old])
	}
	return err
}

func (l *log) proof(text []byte) error {
	head, text, _ := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var path []tlog.Hash
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		path = append(path, hash)
	}
	if l.alter && len(path) > 0 {
		path[int(index)%len(path)][0] ^= 1
	}
	size, root, err := l.open(text)
	if err == nil {
		err = tlog.CheckRecord(path, size, root, index, l.leaves[index])
	}
	return err
}

// tiles reads a folder in the layout of tlog-tiles, which leaves the height out of paths.
type tiles string

func (tiles) Height() int                     { return 8 }
func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range wanted {
		name := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(string(t), name))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

// folder proves every leaf from the tiles alone.
func (l *log) folder(name string) error {
	size := int64(len(l.leaves))
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: l.roots[size]}, tiles(name))
	for index := int64(0); index < size; index++ {
		path, err := tlog.ProveRecord(size, index, reader)
		if err == nil {
			err = tlog.CheckRecord(path, size, l.roots[size], index, l.leaves[index])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sizeAndRoot opens a checkpoint that all these keys must have signed; others may have too.
func sizeAndRoot(text []byte, origin string, keys ...note.Verifier) (int64, tlog.Hash, error) {
	n, err := note.Open(text, note.VerifierList(keys...))
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(n.Sigs) != len(keys) || len(lines) != 4 || lines[0] != origin {
		return 0, tlog.Hash{}, fmt.Errorf("%d signatures, origin %s", len(n.Sigs), lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return size, root, err
}

// entries reads the bundles of a log of so many entries.
func entries(folder string, size int64) ([][]byte, error) {
	var out [][]byte
	for first := int64(0); first < size; first += 256 {
		name := fmt.Sprintf("%s/tile/entries/%03d", folder, first/256)
		if size-first < 256 {
			name += fmt.Sprintf(".p/%d", size-first)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for ; len(data) >= 34 && data[0] == 0 && data[1] == 32; data = data[34:] {
			out = append(out, data[2:34])
		}
	}
	if int64(len(out)) != size {
		return nil, fmt.Errorf("%d entries of %d", len(out), size)
	}
	return out, nil
}

// begins checks that a log begins with the one of a checkpoint kept.
func begins(size, old int64, root, oldRoot tlog.Hash, reader tlog.HashReader) error {
	if old > size {
		return fmt.Errorf("shorter than it was")
	}
	proof, err := tlog.ProveTree(size, old, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, size, root, old, oldRoot)
}

// whole looks at a log in a folder as an auditor with a key and a checkpoint kept.
func whole(vkey string, kept []byte, folder, witness string) error {
	key, err := note.NewVerifier(vkey)
	must(err)
	keys := []note.Verifier{key}
	old, oldRoot, err := sizeAndRoot(kept, key.Name(), keys...)
	must(err)
	if witness != "-" {
		keys = append(keys, newWitness(witness))
	}
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	must(err)
	size, root, err := sizeAndRoot(text, key.Name(), keys...)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles(folder))
	leaves, err := entries(folder, size)
	for index := range leaves {
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(index))})
		if err != nil {
			return err
		}
		if hashes[0] != tlog.RecordHash(leaves[index]) {
			return fmt.Errorf("entry %d", index)
		}
	}
	if err != nil {
		return err
	}
	return begins(size, old, root, oldRoot, reader)
}

func same(a, b []tlog.Hash) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func parsePath(words []string) (int64, int64, []tlog.Hash) {
	first, err := strconv.ParseInt(words[0], 10, 64)
	must(err)
	size, err := strconv.ParseInt(words[1], 10, 64)
	must(err)
	var path []tlog.Hash
	for _, word := range words[2:] {
		var hash tlog.Hash
		_, err := hex.Decode(hash[:], []byte(word))
		must(err)
		path = append(path, hash)
	}
	return first, size, path
}

// line does what one line says; false: nothing was to be checked.
func (l *log) line(words []string) (bool, error) {
	switch words[0] {
	case "key":
		key, err := note.NewVerifier(words[1])
		must(err)
		l.keys[0] = key
	case "witness":
		l.keys[1] = newWitness(words[1])
	case "leaf":
		data, err := hex.DecodeString(words[1])
		must(err)
		must(l.leaf(data))
	case "checkpoint":
		text, err := base64.StdEncoding.DecodeString(words[1])
		must(err)
		return !l.alter, l.checkpoint(text)
	case "log":
		kept, err := base64.StdEncoding.DecodeString(words[3])
		must(err)
		if err := whole(words[2], kept, words[4], words[5]); err != nil {
			fmt.Println("log", words[1], "found:", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("log", words[1], "sound")
		}
	case "tiles":
		return !l.alter, l.folder(words[1])
	case "proof":
		text, err := base64.StdEncoding.DecodeString(words[1])
		must(err)
		return true, l.proof(text)
	case "inclusion", "consistency":
		first, size, path := parsePath(words[1:])
		if l.alter && len(path) == 0 {
			return false, nil
		}
		if l.alter {
			path[int(first)%len(path)][int(size)%tlog.HashSize] ^= 1 << (first % 8)
		}
		if words[0] == "inclusion" {
			return true, l.inclusion(first, size, path)
		}
		return true, l.consistency(first, size, path)
	default:
		must(fmt.Errorf("unknown line %q", words[0]))
	}
	return false, nil
}

func main() {
	alter := flag.Bool("alter", false, "change one bit of each proof")
	flag.Parse()
	l := &log{roots: map[int64]tlog.Hash{}, alter: *alter}
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<20)
	runs, failures := 0, 0
	for input.Scan() {
		checked, err := l.line(strings.Fields(input.Text()))
		if checked {
			runs++
		}
		if err != nil {
			failures++
			if !*alter && failures < 10 {
				fmt.Println(strings.Join(strings.Fields(input.Text())[:2], " "), err)
			}
		}
	}
	must(input.Err())
	fmt.Printf("%d runs, %d failures\n", runs, failures)
}
