package cli

import (
	"context"
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"
)

//go:embed completion
var completionScripts embed.FS

var shells = []string{"bash", "zsh", "fish", "powershell"}

func (p *program) completionCommand() command {
	return command{
		name: "completion", args: "SHELL", maxArgs: 1, words: shells,
		short: "print the completion script of bash, zsh, fish or powershell",
		long: `
Load it now, or keep it where the shell looks:
  source <(djharden completion bash)
  djharden completion bash > ~/.local/share/bash-completion/completions/djharden
  djharden completion zsh > "${fpath[1]}/_djharden"
  djharden completion fish > ~/.config/fish/completions/djharden.fish
  djharden completion powershell >> $PROFILE

The script asks djharden itself for what can come next, so it stays right after
an upgrade.`,
		options: []*option{helpOption()},
		run: func(_ context.Context, args []string) error {
			if len(args) == 0 {
				return usage("djharden completion bash (or "+strings.Join(shells[1:], ", ")+")", "completion needs the name of a shell")
			}
			if !slices.Contains(shells, args[0]) {
				return usage("it knows "+strings.Join(shells, ", "), "no completion for %q", maskArg(args[0]))
			}
			script, err := completionScripts.ReadFile("completion/" + args[0])
			if err != nil {
				return err
			}
			_, err = p.stdout.Write(script)
			return err
		},
	}
}

// completeCommand is what the completion scripts call: djharden __complete
// WORD... with the words typed after the program's name, the last one being
// completed (and maybe empty). It prints one candidate a line, a tab and its
// description after it; a line ":files" or ":dirs" asks the shell for names.
func (p *program) completeCommand() command {
	return command{
		name: "__complete", hidden: true, raw: true,
		run: func(_ context.Context, args []string) error {
			complete(p.stdout, p.commands(), globalOptions(), args)
			return nil
		},
	}
}

type candidate struct{ text, about string }

func complete(w io.Writer, commands []command, global []*option, words []string) {
	words, joined := joinEquals(words)
	cur := ""
	if len(words) > 0 {
		cur = words[len(words)-1]
		words = words[:len(words)-1]
	}
	if len(words) == 0 {
		var list []candidate
		for _, c := range commands {
			if !c.hidden {
				list = append(list, candidate{c.name, c.short})
			}
		}
		if strings.HasPrefix(cur, "-") {
			list = flagCandidates(global)
		}
		offer(w, list, cur)
		return
	}
	c, ok := find(commands, words[0])
	if !ok || c.hidden {
		return
	}
	completeCommandWords(w, c, words[1:], cur, joined)
}

func completeCommandWords(w io.Writer, c command, words []string, cur string, joined bool) {
	flagsEnded := slices.Contains(words, "--")
	if name, value, has := strings.Cut(strings.TrimLeft(cur, "-"), "="); has && strings.HasPrefix(cur, "-") && !flagsEnded {
		if o := lookup(c.options, name); o != nil {
			prefix := "--" + name + "="
			if joined { // the shell completes what is after the equals sign
				prefix = ""
			}
			completeValue(w, o, prefix, value)
		}
		return
	}
	if n := len(words); n > 0 && !flagsEnded && strings.HasPrefix(words[n-1], "-") && !strings.Contains(words[n-1], "=") {
		if o := lookup(c.options, strings.TrimLeft(words[n-1], "-")); o != nil && !o.isSwitch {
			completeValue(w, o, "", cur)
			return
		}
	}
	switch {
	case strings.HasPrefix(cur, "-") && !flagsEnded:
		offer(w, flagCandidates(c.options), cur)
	case c.words != nil && len(positional(c, words)) == 0:
		var list []candidate
		for _, word := range c.words {
			list = append(list, candidate{word, ""})
		}
		offer(w, list, cur)
	case len(positional(c, words)) < c.maxArgs:
		fmt.Fprintln(w, ":dirs")
	}
}

// positional are the words that are neither flags nor their values.
func positional(c command, words []string) []string {
	_, rest, err := split(c, words)
	if err != nil {
		return nil
	}
	return rest
}

func completeValue(w io.Writer, o *option, prefix, value string) {
	choices := o.choices
	if o.isSwitch {
		choices = []string{"true", "false"}
	}
	for _, choice := range choices {
		if strings.HasPrefix(choice, value) {
			fmt.Fprintf(w, "%s%s\n", prefix, choice)
		}
	}
	if o.files {
		fmt.Fprintln(w, ":files")
	}
}

func flagCandidates(options []*option) []candidate {
	var list []candidate
	for _, o := range options {
		list = append(list, candidate{"--" + o.name, o.usage})
	}
	return list
}

func offer(w io.Writer, list []candidate, prefix string) {
	for _, c := range list {
		if !strings.HasPrefix(c.text, prefix) {
			continue
		}
		if c.about == "" {
			fmt.Fprintln(w, c.text)
		} else {
			fmt.Fprintf(w, "%s\t%s\n", c.text, c.about)
		}
	}
}

// joinEquals undoes what bash does to --csp=enforce, which arrives as three
// words, and reports whether the last word is one of those.
func joinEquals(words []string) (out []string, joined bool) {
	for i := 0; i < len(words); i++ {
		if words[i] == "=" && len(out) > 0 && strings.HasPrefix(out[len(out)-1], "--") {
			value := ""
			if i+1 < len(words) {
				i++
				value = words[i]
			}
			out[len(out)-1] += "=" + value
			joined = i == len(words)-1
			continue
		}
		out, joined = append(out, words[i]), false
	}
	return out, joined
}
