using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>A page of docs/cmdlets, in the fixed schema of PlatyPS 1.</summary>
public sealed partial class CmdletPage
{
    private CmdletPage(string path)
    {
        Path = path;
        Name = System.IO.Path.GetFileNameWithoutExtension(path);
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        var parts = text.Split("---\n", 3);
        Header = parts[1].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        Sections = Split(parts[2], "## ").ToDictionary(section => section.Title, section => section.Text);
        Syntaxes = [.. Split(Sections["SYNTAX"], "### ").Select(set => (set.Title, Regex.Replace(set.Text.Replace("```", "", StringComparison.Ordinal), @"\s+", " ").Trim()))];
        Examples = [.. Split(Sections["EXAMPLES"], "### ").Select(example => new Example(Name, example.Title, CodeIn(example.Text), Code().Replace(example.Text, "")))];
        Parameters = [.. Split(Sections["PARAMETERS"], "### ").Where(parameter => parameter.Title.StartsWith('-')).Select(parameter => new Parameter(parameter.Title[1..], parameter.Text))];
    }

    public static string Folder { get; } = System.IO.Path.Combine(Repository.Root, "docs", "cmdlets");

    public string Path { get; }

    public string Name { get; }

    public Dictionary<string, string> Header { get; }

    public Dictionary<string, string> Sections { get; }

    /// <summary>The name of each parameter set, and its syntax on one line.</summary>
    public IReadOnlyList<(string Set, string Text)> Syntaxes { get; }

    public IReadOnlyList<Example> Examples { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    public static IReadOnlyList<CmdletPage> All { get; } = [.. Directory.GetFiles(Folder, "*-Meshia*.md").Order(StringComparer.Ordinal).Select(path => new CmdletPage(path))];

    public static CmdletPage Of(string name) => All.SingleOrDefault(page => page.Name == name) ?? throw new InvalidOperationException($"docs/cmdlets/{name}.md is missing.");

    /// <summary>The type names under INPUTS or OUTPUTS.</summary>
    public IEnumerable<string> Types(string section) => Split(Sections[section], "### ").Select(type => type.Title);

    /// <summary>A text of the page as Get-Help shows it: paragraphs on one line each, without marks.</summary>
    public static IReadOnlyList<string> Plain(string markdown) =>
    [
        .. markdown.Trim().Split("\n\n").Select(paragraph => RelativeLink().Replace(paragraph.Trim().ReplaceLineEndings(" "), "$1 (https://github.com/meshia/Meshia.PowerShell/blob/main/docs/$2)").Replace("**", "", StringComparison.Ordinal)),
    ];

    private static string CodeIn(string text) => Code().Match(text).Groups[1].Value;

    private static IEnumerable<(string Title, string Text)> Split(string text, string mark)
    {
        // Headings within a fence are comments of a script.
        var parts = new List<(string Title, List<string> Lines)>();
        var isFenced = false;
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                isFenced = !isFenced;
            if (!isFenced && line.StartsWith(mark, StringComparison.Ordinal))
                parts.Add((line[mark.Length..].Trim(), []));
            else if (parts.Count > 0)
                parts[^1].Lines.Add(line);
        }

        return parts.Select(part => (part.Title, string.Join('\n', part.Lines).Trim()));
    }

    [GeneratedRegex(@"```powershell\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"\[([^\]]+)\]\(\.\./([^)]+)\)")]
    private static partial Regex RelativeLink();

    /// <param name="Cmdlet">Whose example it is.</param>
    /// <param name="Title">Its heading.</param>
    /// <param name="Code">What to type.</param>
    /// <param name="Remarks">What to know of it.</param>
    public sealed record Example(string Cmdlet, string Title, string Code, string Remarks)
    {
        public override string ToString() => $"{Cmdlet}, {Title}";
    }

    /// <summary>What a page says of a parameter.</summary>
    public sealed class Parameter
    {
        internal Parameter(string name, string text)
        {
            Name = name;
            var parts = text.Split("```yaml\n", 2);
            Text = parts[0].Trim();
            var yaml = parts[1].Split("\n```")[0];
            Type = Value(yaml, "Type");
            Default = Value(yaml, "DefaultValue").Trim('\'');
            SupportsWildcards = Value(yaml, "SupportsWildcards") == "true";
            Aliases = List(yaml, "Aliases");
            AcceptedValues = List(yaml, "AcceptedValues");
            Sets = [.. yaml.Split("\n- Name: ")[1..].Select(set => string.Join(' ', set.Split('\n').Take(6).Select(line => line.Trim())))];
        }

        public string Name { get; }

        public string Text { get; }

        public string Type { get; }

        public string Default { get; }

        public bool SupportsWildcards { get; }

        public IReadOnlyList<string> Aliases { get; }

        public IReadOnlyList<string> AcceptedValues { get; }

        /// <summary>Each set with position and pipeline input, on one line.</summary>
        public IReadOnlyList<string> Sets { get; }

        private static string Value(string yaml, string key) => Regex.Match(yaml, $"^{key}: (.*)$", RegexOptions.Multiline).Groups[1].Value;

        private static IReadOnlyList<string> List(string yaml, string key) =>
            [.. Regex.Match(yaml, $"^{key}:\n((?:- .*\n?)*)", RegexOptions.Multiline).Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[2..])];
    }
}
