package kafkatest

import (
	"context"
	"crypto/sha256"
	_ "embed" // the pom
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

// minJava is what the brokers of Version run on.
const minJava = 17

//go:embed pom.xml
var pom []byte

// jars is the folder with Kafka and the stock tools, filled by Maven on first use. Another pom has
// another folder.
func jars(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache for Kafka's jars: %w", err)
	}
	cache = filepath.Join(cache, "lagtop-test")
	sum := sha256.Sum256(pom)
	dir := filepath.Join(cache, fmt.Sprintf("kafka-%s-%x", Version, sum[:4]))
	if have(dir) {
		return dir, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("make the cache for Kafka's jars: %w", err)
	}
	unlock, err := lock(ctx, dir+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if have(dir) {
		return dir, nil
	}
	return dir, download(ctx, dir)
}

func have(dir string) bool {
	_, err := os.Stat(dir)
	return err == nil
}

// download fills a folder beside dir and renames it, so that dir is whole or not there.
func download(ctx context.Context, dir string) error {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return &unavailableError{"no mvn on the PATH (Debian: apt-get install maven)"}
	}
	if err := javaServes(ctx); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), "download-")
	if err != nil {
		return fmt.Errorf("download Kafka's jars: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	file, libs := filepath.Join(tmp, "pom.xml"), filepath.Join(tmp, "libs")
	if err := os.WriteFile(file, pom, 0o600); err != nil {
		return fmt.Errorf("download Kafka's jars: %w", err)
	}
	cmd := exec.CommandContext(ctx, mvn, "-q", "-B", "-f", file, "-Dkafka.version="+Version,
		"dependency:copy-dependencies", "-DoutputDirectory="+libs, "-DincludeScope=runtime")
	if out, err := cmd.CombinedOutput(); err != nil {
		return &unavailableError{fmt.Sprintf("mvn cannot download Kafka %s: %v\n%s", Version, err, out)}
	}
	if err := os.Rename(libs, dir); err != nil {
		return fmt.Errorf("keep Kafka's jars: %w", err)
	}
	return nil
}

// javaServes tells why no broker can run here, nil where it can.
func javaServes(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "java", "-version").CombinedOutput()
	if err != nil {
		return &unavailableError{fmt.Sprintf("no java on the PATH (Debian: apt-get install default-jre-headless): %v", err)}
	}
	m := regexp.MustCompile(`version "(?:1\.)?(\d+)`).FindSubmatch(out)
	if m == nil {
		return nil // an unusual JVM: let it try
	}
	if v, err := strconv.Atoi(string(m[1])); err == nil && v < minJava {
		return &unavailableError{fmt.Sprintf("java %d is on the PATH, Kafka %s needs %d", v, Version, minJava)}
	}
	return nil
}

// lock waits for an exclusive lock between processes. It ends with the process that holds it.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, ctx.Err())
		}
	}
}
