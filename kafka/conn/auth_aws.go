package conn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/aws/aws-msk-iam-sasl-signer-go/signer"

	"lagtop/kafka/secret"
)

// AWS is the login of MSK IAM: a presigned URL as an OAUTHBEARER token. With no field set, credentials
// come from where all AWS tools look: environment, profile, web identity, container and instance role.
type AWS struct {
	Region      string // empty: that of the bootstrap address, or $AWS_REGION
	Profile     string
	Role        string // ARN of a role to assume
	Session     string // name of the assumed session
	ExternalID  string // of the role
	WebIdentity string // file with the token by which Role is assumed
}

func (a AWS) check() error {
	switch {
	case a.Region == "":
		return errors.New("MSK IAM: the region is unknown: name it (region), or set AWS_REGION")
	case a.WebIdentity != "" && a.Role == "":
		return errors.New("MSK IAM: a web identity needs the ARN of its role")
	case a.Profile != "" && a.Role != "":
		return errors.New("MSK IAM: give a profile or a role, not both; a profile can name a role itself (role_arn)")
	}
	return nil
}

// mskHost is a broker of MSK, also outside the default AWS partition.
var mskHost = regexp.MustCompile(`\.kafka(?:-serverless)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?:\d+$`)

// regionOf is the region in the first address of MSK, else that of the environment.
func regionOf(addrs []string) string {
	for _, a := range addrs {
		if m := mskHost.FindStringSubmatch(a); m != nil {
			return m[1]
		}
	}
	return cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
}

// token is signed anew when four fifths of its 15 minutes are over.
func (a AWS) token() secret.Value {
	return secret.Fetch(tokenTime, func(ctx context.Context) (string, time.Time, error) {
		began := time.Now()
		t, ms, err := a.sign(ctx)
		if err != nil {
			return "", time.Time{}, fmt.Errorf("MSK IAM: %w", err)
		}
		return t, validUntil(began, "", time.UnixMilli(ms).Sub(began)), nil
	})
}

// sign is the token and its end in ms since the epoch.
func (a AWS) sign(ctx context.Context) (string, int64, error) {
	switch {
	case a.WebIdentity != "":
		t, err := secret.File(a.WebIdentity).Reveal(ctx)
		if err != nil {
			return "", 0, err
		}
		return signer.GenerateAuthTokenFromWebIdentity(ctx, a.Region, a.Role, t, a.Session)
	case a.Role != "":
		return signer.GenerateAuthTokenFromRoleWithExternalId(ctx, a.Region, a.Role, a.Session, a.ExternalID)
	case a.Profile != "":
		return signer.GenerateAuthTokenFromProfile(ctx, a.Region, a.Profile)
	}
	return signer.GenerateAuthToken(ctx, a.Region)
}
