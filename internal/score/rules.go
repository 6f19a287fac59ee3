package score

import (
	"time"

	"lurehound"
)

// Case is everything that a judgement rests on.
type Case struct {
	Candidate    lurehound.Candidate
	Observations []lurehound.Observation
	Comparison   lurehound.Comparison // with the brand's reference page
	Brand        lurehound.Brand
	Advisories   []lurehound.Advisory
	At           time.Time // when the judgement is made; ages are counted to it
}

// Rule finds one reason. Judge reports false when the rule has nothing to say;
// it leaves Signal.Rule to the table.
type Rule struct {
	Name string
	Doc  string
	// Background is set for what is true of countless innocent names too: the
	// name itself, its age, its registrar and host. It adds points, but no
	// verdict rests on it alone.
	Background bool
	Judge      func(Case) (lurehound.Signal, bool)
}

// Rules is the table, in the order in which reasons are told.
func Rules() []Rule {
	return []Rule{
		{"payload-known-bad", "a file that is offered is known to be bad", false, payloadKnownBad},
		{"payload-not-the-vendors", "a file that is offered as the brand's is signed by another, or by nobody", false, payloadNotVendors},
		{"payload-signer", "a file that is offered is signed by an organisation known from malware", false, payloadSigner},
		{"payload-inside", "what is in a file that is offered", false, payloadInside},
		{"payload-size", "a file that is offered is far larger than the genuine one", false, payloadSize},
		{"payload-genuine", "a file that is offered is the genuine one", false, payloadGenuine},
		{"clone-download", "a copy of the brand's page offers a download", false, cloneDownload},
		{"clone-credentials", "a copy of the brand's page asks for a password or card", false, cloneCredentials},
		{"clone", "the page is a copy of the brand's", false, clone},
		{"cloaked", "the site sorts its visitors, and by what", false, cloaked},
		{"similar", "the page resembles the brand's", false, similar},
		{"hotlink", "the page loads files from the brand's own site", false, hotlink},
		{"canonical", "the page says that it is the brand's", false, canonical},
		{"frame", "the page shows the brand's own site in a frame", false, frame},
		{"icon", "the page has the brand's icon", false, icon},
		{"names-brand", "the page names the brand", false, namesBrand},
		{"download", "a download is offered", false, download},
		{"credentials", "the page asks for a password or card", false, credentials},
		{"views-differ", "visitors are shown different things", false, viewsDiffer},
		{"mail", "the domain can receive mail", false, mail},
		{"name", "the name imitates the brand's", true, name},
		{"age", "how long the name has been registered", true, age},
		{"fresh-certificate", "how soon after the registration the certificate was issued", true, freshCertificate},
		{"advisory", "how the registration lies to an advisory about the brand", true, advisory},
		{"suspended", "a page says that the site was taken down", false, suspended},
		{"hold", "the registry or registrar keeps the name out of DNS", false, hold},
		{"parked", "the page is a parking page", false, parked},
		{"parking-host", "the name servers are a parking company's", true, parkingHost},
		{"own-content", "the page has much to say, and nothing of the brand", false, ownContent},
		{"established", "an old site of its own, the same from several views", false, established},
		{"leads-to-brand", "visits are led to the brand's own site", false, leadsToBrand},
		{"nothing-shown", "the web server shows us nothing", false, nothingShown},
	}
}

// ownRules judge a brand's own site, which no rule about look-alikes fits: what counts is whether
// some visitors are given what others are not.
func ownRules() []Rule {
	return []Rule{
		{"own-payload", "the brand's own site offers a file that is known to be bad, or changed after it was signed", false, ownPayload},
		{"own-download", "the brand's own site offers some visitors another download", false, ownDownload},
		{"own-elsewhere", "the brand's own site leads some visitors elsewhere", false, ownElsewhere},
		{"own-differs", "the brand's own site is not the same for all visitors", false, ownDiffers},
		{"own-same", "the brand's own site was the same for all visitors that were tried", false, ownSame},
	}
}
