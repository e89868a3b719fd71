package offsets

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/adrg/xdg"
)

// DefaultBeforeDir is the folder for before-states in the user's state folder.
func DefaultBeforeDir() string { return filepath.Join(xdg.StateHome, "lagtop", "before") }

// beforeName is a file name for the group's before-state. A group's name may be any string, so only
// harmless characters of it are used and its hash tells names apart.
func beforeName(group string, now time.Time) string {
	const most = 40
	slug := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, group)
	slug = slug[:min(len(slug), most)]
	hash := sha256.Sum256([]byte(group))
	return fmt.Sprintf("%s-%s-%s.csv", now.UTC().Format("20060102T150405.000000Z"), slug, hex.EncodeToString(hash[:4]))
}

// saveBefore writes the plan's before-state and returns its path once it is on the disk.
func saveBefore(dir string, p *Plan, now time.Time) (string, error) {
	path, err := SaveRows(dir, p.Group, p.BeforeRows(), now)
	if err != nil {
		return "", fmt.Errorf("before-state: %w", err)
	}
	return path, nil
}

// SaveRows writes a group's commits to a file of their own in dir, as ReadCSV and the stock tool read them,
// and returns its path once it is on the disk.
func SaveRows(dir, group string, rows []Row, now time.Time) (path string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("save the offsets of %s: %w", group, err)
	}
	path = filepath.Join(dir, beforeName(group, now))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("save the offsets of %s: %w", group, err)
	}
	err = errors.Join(WriteCSV(f, rows, false), f.Sync(), f.Close())
	if err != nil {
		return "", fmt.Errorf("save the offsets of %s: %w", group, err)
	}
	return path, nil
}
