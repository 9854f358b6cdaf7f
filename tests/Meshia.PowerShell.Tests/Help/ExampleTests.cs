using System.Management.Automation;
using System.Management.Automation.Language;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>What the help says to type can be typed. The examples' ids are those of a sandbox with seed 42.</summary>
public sealed partial class ExampleTests : IClassFixture<ImportedModule>
{
    private const int Seed = 42;
    private const string NeedsVault = "It needs a vault and saved profiles; the Pester suite runs it with stand-ins.";

    private static readonly string[] _verbsThatWrite = ["Compare", "ConvertFrom", "Get", "New", "Receive", "Register", "Save", "Start", "Test"];

    private readonly ImportedModule _module;

    public ExampleTests(ImportedModule module) => _module = module;

    public static TheoryData<CmdletPage.Example> Examples => [.. CmdletPage.All.SelectMany(page => page.Examples)];

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Examples))]
    public async Task An_example_runs_against_a_sandbox(CmdletPage.Example example)
    {
        ArgumentNullException.ThrowIfNull(example);
        if (ReasonNotToRun(example.Code) is { } reason)
            Assert.Skip(reason);
        await using var sandbox = await LocalSandbox.StartAsync(new() { Seed = Seed, RateLimit = 100_000 });
        await sandbox.CreateFinishedSessionAsync("llama-finetune");
        using var session = sandbox.Connect();
        using var folder = new TemporaryFolder();
        session.Runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(folder.Path));
        session.Output(
            """
            Register-MeshiaWebhook https://hooks.example/meshia -AllEvents
            # A person at the keyboard, who has the key of the sandbox and not that of an account.
            function Read-Host([switch] $AsSecureString, [string] $Prompt) { $key }
            $PSDefaultParameterValues = @{ 'Connect-Meshia:BaseUri' = $address }
            """,
            ("key", SecretOf(sandbox.Key)), ("address", sandbox.BaseUri));
        using var clock = new MovingClock(sandbox);
        using var sender = example.Code.Contains("Receive-MeshiaWebhook", StringComparison.Ordinal) ? new WebhookRepeater(sandbox.Key) : null;

        var output = session.Output(example.Code);

        if (Writes(example.Code))
            Assert.NotEmpty(output);
    }

    [Fact]
    public void Code_in_a_page_parses_and_names_only_what_there_is()
    {
        var pages = Repository.Pages.Select(page => (Page: page, Text: File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings("\n"))).ToList();

        Assert.Empty(pages.SelectMany(page => Code().Matches(page.Text).SelectMany(code => _module.Mistakes(page.Page, code.Groups[1].Value))));
    }

    private static string? ReasonNotToRun(string code) =>
        Regex.IsMatch(code, " -(Save|Profile|ListAvailable|Forget)\\b") && !code.Contains("Save-", StringComparison.Ordinal) ? NeedsVault : null;

    /// <summary>Whether something must come out at the end.</summary>
    private static bool Writes(string code) =>
        Parser.ParseInput(code, out _, out _).EndBlock.Statements[^1] is PipelineAst { PipelineElements: [.., CommandAst last] }
        && last.GetCommandName()?.Split('-') is [var verb, ['M', 'e', 's', 'h', 'i', 'a', ..]]
        && _verbsThatWrite.Contains(verb)
        && !last.CommandElements.OfType<CommandParameterAst>().Any(parameter => parameter.ParameterName == "WhatIf");

    private static System.Security.SecureString SecretOf(string text)
    {
        var secret = new System.Security.SecureString();
        foreach (var character in text)
            secret.AppendChar(character);
        return secret;
    }

    [GeneratedRegex("^```powershell\n(.*?)\n```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();

    /// <summary>Lets the sandbox's time pass while an example waits for it.</summary>
    private sealed class MovingClock(LocalSandbox sandbox) : IDisposable
    {
        private readonly Timer _timer = new(_ => sandbox.Time.Advance(TimeSpan.FromSeconds(0.5)), null, 0, 50);

        public void Dispose()
        {
            using var ended = new ManualResetEvent(initialState: false);
            if (_timer.Dispose(ended))
                ended.WaitOne();
        }
    }

    /// <summary>Delivers events for as long as an example may be receiving them.</summary>
    private sealed class WebhookRepeater : IDisposable
    {
        private static readonly string[] _paths = ["", "hook", "meshia"];

        private readonly CancellationTokenSource _stop = new();
        private readonly Task _sending;

        public WebhookRepeater(string secret) => _sending = Task.Run(() => SendAsync(secret));

        public void Dispose()
        {
            _stop.Cancel();
            _sending.Wait();
            _stop.Dispose();
        }

        private async Task SendAsync(string secret)
        {
            using var http = new HttpClient();
            for (var i = 0; !_stop.IsCancellationRequested; i++)
            {
                var body = Encoding.UTF8.GetBytes($$$"""{"event":"experiment.completed","session_id":"sess_a","data":{"n":{{{i}}}}}""");
                using var content = new ByteArrayContent(body);
                content.Headers.Add("X-Meshia-Signature", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}");
                try
                {
                    using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:8787/{_paths[i % _paths.Length]}"), content, _stop.Token);
                }
                catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
                {
                    // Nobody listens yet, or not any more.
                    await Task.Delay(50);
                }
            }
        }
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("meshia-example-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
