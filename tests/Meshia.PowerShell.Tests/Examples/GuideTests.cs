using System.Security.Cryptography;
using System.Text;
using Microsoft.Playwright;

namespace Meshia.PowerShell.Tests;

/// <summary>The code of the guides runs as a person would paste it, and shows what the pages say.</summary>
public sealed class GuideTests(GuideRun run) : IClassFixture<GuideRun>
{
    private const string HowToWrite = "Run ./build.ps1 Pages.";

    private static readonly string _pictures = Path.Combine(Repository.Root, "docs", "pictures");

    public static TheoryData<string> Pages => [.. GuideRun.Pages.Select(page => page.Name)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_step_runs_and_shows_what_the_page_shows(string name)
    {
        var page = GuideRun.Pages.Single(page => page.Name == name);
        var outputs = run.OutputsOf(page);

        // Paths and errors of the system read otherwise there.
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Every step has run. The outputs are those of Linux and macOS.");
        if (GuideRun.Writes)
            page.Write(outputs);
        foreach (var ((code, output, picture), index) in page.Steps.Select((step, index) => (step, index)))
        {
            if (picture is not null)
                AssertFile(picture, TerminalPicture.Draw(GuidePage.Parse(code).EndBlock.Statements[^1].Extent.Text, outputs[index]));
            else if (output is not null && !GuideRun.Writes)
                Assert.True(output.TrimEnd('\n') == outputs[index], $"{name} shows an old output. {HowToWrite} The new one:\n{outputs[index]}");
        }
    }

    /// <summary>Screenshots depend on the fonts of a machine. The hash says from which page they were made.</summary>
    [Fact]
    public async Task The_screenshots_of_a_report_are_of_the_report_as_it_is()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The report has the ends of lines of Linux and macOS.");
        var html = run.FileOf(GuideRun.Pages.Single(page => page.Name == "comparisons.md"), "runs.html");
        if (GuideRun.Writes)
            await TakeScreenshotsAsync(html);

        AssertFile("comparison-report.sha256", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(html))) + "\n");
    }

    [Fact]
    public void The_commands_of_the_readme_name_tasks_of_the_build()
    {
        var commands = new GuidePage("README.md", ".").Lines("dotnet tool exec powershell -y -- ");

        Assert.Equal(["./build.ps1 Pack", "./build.ps1 QuickStart", "./build.ps1 Test"], commands);
        var build = GuidePage.Parse(File.ReadAllText(Path.Combine(Repository.Root, "build.ps1")));
        Each.Of(commands, command => Assert.Contains($"'{command.Split(' ')[1]}'", build.ParamBlock.Extent.Text, StringComparison.Ordinal));
        Assert.Contains($"\"version\": \"{Path.GetFileName(Path.GetDirectoryName(Pwsh.Library))!["pwsh-".Length..]}\"", File.ReadAllText(Path.Combine(Repository.Root, ".config", "dotnet-tools.json")), StringComparison.Ordinal);
    }

    private static async Task TakeScreenshotsAsync(string html)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".html");
        await File.WriteAllTextAsync(file, html, TestContext.Current.CancellationToken);
        await using var browser = new Browser();
        await browser.InitializeAsync();
        foreach (var (name, theme, heading) in new[] { ("comparison-light.png", ColorScheme.Light, "h1"), ("comparison-dark.png", ColorScheme.Dark, "text=Plots") })
        {
            await using var page = await browser.OpenAsync(file, new() { ColorScheme = theme, ViewportSize = new() { Width = 1080, Height = 820 } });
            await page.View.Locator(heading).First.EvaluateAsync("element => scrollTo(0, element.offsetTop - 24)");
            await page.View.ScreenshotAsync(new() { Path = Path.Combine(_pictures, name) });
        }

        File.Delete(file);
    }

    private static void AssertFile(string name, string text)
    {
        var path = Path.Combine(_pictures, name);
        if (GuideRun.Writes)
            File.WriteAllText(path, text);
        Assert.True(File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == text, $"docs/pictures/{name} is old. {HowToWrite}");
    }
}
