using System.Diagnostics;

namespace Meshia.PowerShell.Tests;

/// <summary>Publish-MeshiaComparison in a real process, against stand-ins of GitHub and Azure DevOps on loopback.</summary>
public sealed class PublishMeshiaComparisonTests : IDisposable
{
    /// <summary>Names that would do something in a log or in a comment, each where nothing was prepared for it.</summary>
    private static readonly string[] _hostile =
    [
        "x\n::error::forged", "x\r##vso[task.setvariable variable=a]b", "::set-output name=a::b", "##[error]forged", "@octocat", "octo/cat#12", "#123", "GH-123",
        "[text](https://evil.example)", "![picture](https://evil.example/a.png)", "<img src=x onerror=alert(1)>", "<!-- meshia:comparison:other -->", "https://evil.example", "www.evil.example",
        "a`b|c\\d", "$`x`$", "100%0A::error::forged",
    ];

    private const string Prelude = """
        $ErrorActionPreference = 'Continue'
        $comparison = Get-Content ./comparison.json -Raw | ConvertFrom-Json
        function Test($Metric, $Passed, $Value = 0.5) { [pscustomobject]@{ ExperimentId = 'exp_1'; Metric = $Metric; Rule = '< 1'; Passed = $Passed; Value = $Value; Reason = if (-not $Passed) { 'it is too high' } } }
        function Call($Path) { $null = Invoke-RestMethod "$env:STAND_IN$Path" -Method Post -NoProxy }
        function Step($Name, [scriptblock] $Action) { & $Action 2>&1 | ForEach-Object { if ($_ -is [Management.Automation.ErrorRecord]) { "$Name|error|$($_.FullyQualifiedErrorId.Split(',')[0])|$_" } elseif ($_ -is [Meshia.PublishedComparison]) { "$Name|$($_.Kind)|$($_.Action)|$($_.Uri)" } else { "$_" } } }

        """;

    private const string Comments = """
        1..10 | ForEach-Object { $push = $_; Step ten { Test loss $true $push | Publish-MeshiaComparison -Title Ten -Kind Comment } }
        Step same { Test loss $true 10 | Publish-MeshiaComparison -Title Ten -Kind Comment -Verbose -Debug 4>&1 5>&1 }
        Step other { $comparison | Publish-MeshiaComparison -Title Other -Kind Comment }
        Call /steal
        Step stolen { Test loss $false 11 | Publish-MeshiaComparison -Title Ten -Kind Comment }
        foreach ($fault in 'LostRequest', 'LostAnswer', 'BadGateway', 'Race') {
            Call "/fault/$fault"
            Step $fault { Test loss $true | Publish-MeshiaComparison -Title $fault -Kind Comment }
        }
        Step whatif { $comparison | Publish-MeshiaComparison -Title WhatIf -WhatIf }
        Step long { 1..3000 | ForEach-Object { Test "long/$('n' * 80)/$_" ($_ -ne 2999) } | Publish-MeshiaComparison -Title Long -Kind Comment }

        """;

    private readonly ShellProcess _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task GitHub_has_one_comment_for_each_title()
    {
        await using var host = await CodeHostStandIn.StartAsync();
        host.AddForeign(130);
        const string Rest = """
            $env:GITHUB_TOKEN = 'ghp_Mv20LoopbackTokenOfSomebody'
            Step person { 1, 2 | ForEach-Object { Test loss $true $_ | Publish-MeshiaComparison -Title Person -Kind Comment } }
            $env:GITHUB_TOKEN = 'ghs_refused0000'
            Step refused { $comparison | Publish-MeshiaComparison -Title Refused -Kind Comment }
            Remove-Item Env:GITHUB_TOKEN
            Step none { $comparison | Publish-MeshiaComparison -Title None }
            $env:GITHUB_TOKEN = 'ghs_Zq81LoopbackTokenOfTheRun77'
            $env:GITHUB_API_URL = "$env:STAND_IN/away"
            Step away { $comparison | Publish-MeshiaComparison -Title Away -Kind Comment }
            $env:GITHUB_API_URL = 'http://example.com'
            Step clear { $comparison | Publish-MeshiaComparison -Title Clear -Kind Comment }
            $env:GITHUB_REF = 'refs/heads/main'
            Step push { $comparison | Publish-MeshiaComparison -Title Push }
            Step wrong { Get-Date | Publish-MeshiaComparison }
            """;

        var (_, output, error) = await RunAsync(Prelude + Comments + Rest, isGitHub: true, host);

        Assert.Equal("", error);
        CheckComments(host, output, "github-actions[bot]", 65_536);
        Assert.Equal(["Comment|Created", "Comment|Updated"], Steps(output, "person"));
        Assert.StartsWith("error|Unauthorized|The comment on pull request 7 of own/er was not written. GitHub: Bad credentials: …", Assert.Single(Steps(output, "refused", 4)), StringComparison.Ordinal);
        Assert.DoesNotContain("ghs_refused0000", output, StringComparison.Ordinal);
        // A run without a token says what is missing, and has its summary.
        Assert.Equal("Summary|Created", Steps(output, "none")[0]);
        Assert.Contains("GITHUB_TOKEN", Steps(output, "none", 4)[1], StringComparison.Ordinal);
        Assert.Contains("# None\n", await File.ReadAllTextAsync(Path.Combine(_shell.Folder, "summary.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        // The token goes to no other host.
        Assert.StartsWith("error|unexpected_redirect", Assert.Single(Steps(output, "away")), StringComparison.Ordinal);
        Assert.DoesNotContain(host.Requests, request => request.Path == "/stolen");
        Assert.StartsWith("error|InvalidEnvironment", Assert.Single(Steps(output, "clear")), StringComparison.Ordinal);
        Assert.Equal(["Summary|Created"], Steps(output, "push"));
        Assert.StartsWith("error|InvalidArgument", Assert.Single(Steps(output, "wrong")), StringComparison.Ordinal);
        Assert.Contains("https://github.com/own/er/pull/7#issuecomment-1000", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Azure_DevOps_has_one_comment_for_each_title()
    {
        await using var host = await CodeHostStandIn.StartAsync();
        host.AddForeign(3);
        const string Rest = """
            $env:SYSTEM_ACCESSTOKEN = '$(System.AccessToken)'
            Step none { $comparison | Publish-MeshiaComparison -Title 'None: 1' }
            """;

        var (_, output, error) = await RunAsync(Prelude + Comments + Rest, isGitHub: false, host);

        Assert.Equal("", error);
        CheckComments(host, output, "6f0d0c62-0f4c-4c1c-9e5e-2f1f4f3f2f11", 150_000);
        Assert.Equal("Summary|Created", Steps(output, "none")[0]);
        Assert.Contains("SYSTEM_ACCESSTOKEN", Steps(output, "none", 4)[1], StringComparison.Ordinal);
        var summary = Assert.Single(Directory.GetFiles(_shell.Folder, "meshia-none-1-*.md"));
        Assert.Contains($"\n##vso[task.uploadsummary]{summary}\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_name_does_nothing_in_the_log_and_in_the_comment(bool isGitHub)
    {
        await using var host = await CodeHostStandIn.StartAsync();
        await File.WriteAllLinesAsync(Path.Combine(_shell.Folder, "names.json"), [System.Text.Json.JsonSerializer.Serialize(_hostile)], TestContext.Current.CancellationToken);
        const string Script = """
            $names = Get-Content ./names.json -Raw | ConvertFrom-Json
            $tests = foreach ($name in $names) { Test $name $false; $test = Test loss $false; $test.Reason = $name; $test.ExperimentId = $name; $test }
            $comparison.Experiments | ForEach-Object { $_.Name = $names[2] }
            $tests + $comparison | Publish-MeshiaComparison -Title 'Gate: 100%, @octocat' | Out-Null
            # The same names in what else this module shows.
            $tests | Publish-MeshiaComparison -Title Again -SummaryPath ./missing/x.md -Kind Summary 2>&1 | ForEach-Object { "$_" }
            """;

        var (_, output, error) = await RunAsync(Prelude + Script, isGitHub, host);

        Assert.Equal("", error);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var commands = lines.Where(line => line.TrimStart().StartsWith("::", StringComparison.Ordinal) || line.Contains("##vso[", StringComparison.OrdinalIgnoreCase) || line.Contains("##[", StringComparison.Ordinal)).ToList();
        var start = isGitHub ? "::error title=Gate%3A 100%25%2C @octocat::" : "##vso[task.logissue type=error]Gate: 100%AZP25, @octocat: ";
        Assert.Equal(10, commands.Count(line => line.StartsWith(start, StringComparison.Ordinal)));
        Assert.Equal(isGitHub ? 10 : 11, commands.Count);
        Each.Of(commands, line => Assert.DoesNotContain("##", line[2..].Replace("##\uFFFD", "", StringComparison.Ordinal).Replace("##vso\uFFFD", "", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.EndsWith($"{_hostile.Length * 2 - 9} more. The summary has all of them.", commands.Last(line => line.StartsWith(start, StringComparison.Ordinal)), StringComparison.Ordinal);

        var body = Assert.Single(host.Comments).Body;
        // Once, as its own first line.
        Assert.Equal(0, body.LastIndexOf("<!--", StringComparison.Ordinal));
        var shown = body[(body.IndexOf('\n', StringComparison.Ordinal) + 1)..];
        Each.Of(["@octocat", "GH-123", "](", "![", "<img", "://", "www.", "##\uFFFD["], text => Assert.DoesNotContain(text, shown, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotMatch(@"#\d", shown);
        // Each name is in its cell as it is, and no cell is more than its own.
        var table = MarkdownTables.Parse(shown)[0];
        Assert.Equal(_hostile.Length * 2 + 1, table.Count);
        Each.Of(table, row => Assert.Equal(6, row.Count));
        Assert.Equal(_hostile.Order(StringComparer.Ordinal), table.Skip(1).Select(row => row[1]).Where(name => name != "loss").Select(name => _hostile.Single(hostile => Seen(hostile) == name)).Order(StringComparer.Ordinal));
    }

    /// <summary>A name as a cell has it: a carriage return and a line break are one break there, and commands of a log are broken.</summary>
    private static string Seen(string name) => name.Replace("##[", "##\uFFFD", StringComparison.Ordinal).Replace("##vso[", "##vso\uFFFD", StringComparison.Ordinal);

    private static void CheckComments(CodeHostStandIn host, string output, string author, int longest)
    {
        Assert.Equal(["Comment|Created", .. Enumerable.Repeat("Comment|Updated", 9)], Steps(output, "ten"));
        Assert.Equal(["Comment|Unchanged"], Steps(output, "same"));
        Assert.Equal(["Comment|Created"], Steps(output, "other"));
        Assert.Equal(["Comment|Updated"], Steps(output, "stolen"));
        Assert.Equal(["Comment|Created"], Steps(output, "LostRequest"));
        Assert.Equal(["Comment|Created"], Steps(output, "LostAnswer"));
        Assert.Equal(["Comment|Created"], Steps(output, "BadGateway"));
        Assert.Equal(["Comment|Updated"], Steps(output, "Race"));
        Assert.Equal(["Comment|Created"], Steps(output, "long"));
        // Counted where they are.
        foreach (var title in new[] { "Ten", "Other", "LostRequest", "LostAnswer", "BadGateway", "Race", "Long" })
            Assert.Equal((title, 1), (title, host.Comments.Count(comment => comment.Author == author && comment.Body.Contains($"\n# {title}", StringComparison.Ordinal))));
        Assert.DoesNotContain(host.Comments, comment => comment.Body.Contains("# WhatIf", StringComparison.Ordinal));
        Assert.Contains("# Ten: 1 of 1 rules failed", host.Comments.Single(comment => comment.Author == author && comment.Body.Contains("\n# Ten", StringComparison.Ordinal)).Body, StringComparison.Ordinal);
        // What somebody else wrote stays as they wrote it, marker or not.
        Assert.Contains("# Ten: all 1 rules passed", host.Comments.Single(comment => comment.Author == CodeHostStandIn.Foreign && comment.Body.Contains("\n# Ten", StringComparison.Ordinal)).Body, StringComparison.Ordinal);
        Assert.Contains("answered 200 in", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Loopback", output, StringComparison.Ordinal);

        var text = host.Comments.Single(comment => comment.Body.Contains("\n# Long", StringComparison.Ordinal)).Body;
        Assert.InRange(text.Length, longest - 1000, longest);
        Assert.Matches(@"\n\n\*Shortened: \d+ more lines do not fit here\. The summary of the run has more\.\*\n$", text);
        var rows = MarkdownTables.Parse(text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..])[0];
        Each.Of(rows, row => Assert.Equal(6, row.Count));
        // What failed is kept.
        Assert.EndsWith("/2999", rows[1][1], StringComparison.Ordinal);
    }

    /// <summary>What a step of the script wrote: the kind and what was done.</summary>
    private static List<string> Steps(string output, string step, int parts = 3) => [.. output.Split('\n').Where(line => line.StartsWith($"{step}|", StringComparison.Ordinal)).Select(line => string.Join('|', line.Split('|').Skip(1).Take(parts - 1)))];

    private Task<(int ExitCode, string Output, string Error)> RunAsync(string script, bool isGitHub, CodeHostStandIn host)
    {
        File.WriteAllText(Path.Combine(_shell.Folder, "comparison.json"), """
            {"BaselineId":"exp_0","Tolerance":"0","Experiments":[{"Id":"exp_0","Name":"base","Status":"completed"},{"Id":"exp_1","Name":"wide","Status":"completed"}],
             "Config":[{"Kind":"Config","Key":"lr","Values":{"exp_0":0.1,"exp_1":0.2}}],
             "Metrics":[{"Kind":"Metric","Key":"loss","Values":{"exp_0":0.5,"exp_1":0.4},"Goal":"Minimize","GoalSource":"Guessed"}]}
            """);
        return _shell.RunAsync(script, Platform);

        void Platform(ProcessStartInfo start)
        {
            foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("GITHUB_", StringComparison.Ordinal) || name.StartsWith("SYSTEM_", StringComparison.Ordinal) || name is "GH_TOKEN" or "TF_BUILD").ToList())
                start.Environment.Remove(name);
            var origin = host.Origin.AbsoluteUri.TrimEnd('/');
            start.Environment["STAND_IN"] = origin;
            foreach (var (name, value) in isGitHub
                ? new[]
                {
                    ("GITHUB_ACTIONS", "true"), ("GITHUB_API_URL", origin), ("GITHUB_REPOSITORY", "own/er"), ("GITHUB_REF", "refs/pull/7/merge"),
                    ("GITHUB_STEP_SUMMARY", Path.Combine(_shell.Folder, "summary.md")), ("GITHUB_TOKEN", CodeHostStandIn.GitHubToken),
                }
                :
                [
                    ("TF_BUILD", "True"), ("SYSTEM_COLLECTIONURI", $"{origin}/org/"), ("SYSTEM_TEAMPROJECT", "My Project"), ("BUILD_REPOSITORY_ID", "repo-id"),
                    ("BUILD_REPOSITORY_PROVIDER", "TfsGit"), ("SYSTEM_PULLREQUEST_PULLREQUESTID", "7"), ("AGENT_TEMPDIRECTORY", _shell.Folder), ("SYSTEM_ACCESSTOKEN", CodeHostStandIn.AzureToken),
                ])
                start.Environment[name] = value;
        }
    }
}
