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

// minJava is what the brokers of Version run on. Earlier releases run on it too.
const minJava = 17

// pom has Kafka, the stock tools and clients in Java; releasePom has no more than a broker and its ZooKeeper.
var (
	//go:embed pom.xml
	pom []byte
	//go:embed pom-release.xml
	releasePom []byte
)

// project is the Maven project whose dependencies a release is, and its properties.
func project(version string) (file []byte, properties []string) {
	properties = []string{"-Dkafka.version=" + version}
	if version == Version {
		return pom, properties
	}
	scala, zoo := "2.13", "3.8.4"
	if version < "2.4" {
		scala = "2.12"
	}
	if version < "3" {
		zoo = "3.5.9" // of 2.8; those of earlier releases cannot connect on the Java of today (ZOOKEEPER-3779)
	}
	return releasePom, append(properties, "-Dscala.version="+scala, "-Dzookeeper.version="+zoo)
}

// jars is the folder with a release of Kafka, filled by Maven on first use. Another pom has another folder.
func jars(ctx context.Context, version string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache for Kafka's jars: %w", err)
	}
	cache = filepath.Join(cache, "lagtop-test")
	file, _ := project(version)
	sum := sha256.Sum256(file)
	dir := filepath.Join(cache, fmt.Sprintf("kafka-%s-%x", version, sum[:4]))
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
	return dir, download(ctx, version, dir)
}

func have(dir string) bool {
	_, err := os.Stat(dir)
	return err == nil
}

// download fills a folder beside dir and renames it, so that dir is whole or not there.
func download(ctx context.Context, version, dir string) error {
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
	text, properties := project(version)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("download Kafka's jars: %w", err)
	}
	args := append([]string{"-q", "-B", "-f", file, "dependency:copy-dependencies", "-DoutputDirectory=" + libs,
		"-DincludeScope=runtime"}, properties...)
	cmd := exec.CommandContext(ctx, mvn, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return &unavailableError{fmt.Sprintf("mvn cannot download Kafka %s: %v\n%s", version, err, out)}
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
