using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>
/// Every cmdlet that talks to the service, with every form of an answer that the contract page names, and with forms that cannot be
/// right: nothing is read wrongly, and nothing is passed over without a word.
/// </summary>
public sealed partial class CmdletMatrixTests
{
    /// <summary>Facts of the page whose forms are all driven here, each in the words of the page.</summary>
    private static readonly string[] _facts = ["field-forms", "times", "list-forms", "list-paging", "list-short", "signed-url-forms", "content-encoding", "redirects", "error-forms", "error-in-success"];

    [Fact]
    public void Every_cmdlet_that_talks_to_the_service_is_here() => Assert.Equal(
        ModuleSurface.Of("Meshia").Where(cmdlet => cmdlet.Parameters.ContainsKey("Connection")).Select(cmdlet => cmdlet.Name).Order(StringComparer.Ordinal),
        MatrixCall.All.Select(call => call.Cmdlet).Concat(MatrixCall.Silent).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    [Trait("Contract", "redirects")]
    public async Task Every_answer_gives_the_right_value_or_an_error()
    {
        await using var run = await MatrixRun.StartAsync();
        var (lines, faults, driven) = (new List<string>(), new List<string>(), new HashSet<MatrixForm>());
        foreach (var call in MatrixCall.All)
        {
            var right = run.Run(call, null)!;
            Assert.True(right.Errors.Count + right.Warnings.Count == 0, $"{call.Script}: {string.Join(" / ", [.. right.Errors, .. right.Warnings])}");
            Assert.Equal(right.Output, run.Run(call, null)!.Output);
            var isGetting = call.Cmdlet.StartsWith("Get-", StringComparison.Ordinal) && call.Cmdlet != "Get-MeshiaUsage";
            foreach (var form in MatrixForm.All.Where(form => (form.IsOfHttp || !call.IsGeneric) && !(form.IsPassing && call.IsWaiting)))
            {
                if (run.Run(call, form) is not { } result)
                    continue;
                driven.Add(form);
                var wrong = result.WrongIn(form, right, isGetting);
                lines.Add($"{call.Script} | {form.Fact} | {form.Name} | {wrong ?? "right"}");
                if (wrong is not null)
                    faults.Add(lines[^1]);
            }
        }

        var silent = faults.Count(fault => fault.EndsWith("silent", StringComparison.Ordinal));
        lines.Add($"{lines.Count} lines, {faults.Count - silent} wrong, {silent} silent");
        await File.WriteAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "matrix.txt"), lines, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(lines[^1]);
        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, [.. faults, lines[^1]]));
        // Each form is one of some answer, or it tests nothing.
        Assert.Empty(MatrixForm.All.Except(driven).Select(form => $"{form.Fact}: {form.Name}"));
        Assert.InRange(lines.Count, 1500, 10_000);
    }

    [Fact]
    public void The_contract_page_lists_every_form_that_is_accepted()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "wire-contract.md"));
        foreach (var fact in _facts)
        {
            var text = Regex.Match(page, $@"^- \*\*\[[DA]\]\*\* `{fact}`:(.*?)(?=^- \*\*|^## |\z)", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;
            var listed = Words().Matches(text).Select(match => Regex.Replace(match.Groups[1].Value, @"\s+", " ")).ToHashSet(StringComparer.Ordinal);
            var driven = MatrixForm.All.Where(form => form.Fact == fact && (form.Outcome is MatrixOutcome.Same or MatrixOutcome.Nothing || fact is "list-short" or "error-forms" or "error-in-success") && !form.Name.Contains(' ', StringComparison.Ordinal))
                .Concat(MatrixForm.All.Where(form => form.Fact == fact && form.Name.Contains(' ', StringComparison.Ordinal) && text.Contains($"`{form.Name}`", StringComparison.Ordinal)))
                .Select(form => form.Name).ToHashSet(StringComparer.Ordinal);
            Assert.NotEmpty(listed);
            Assert.True(driven.SetEquals(listed), $"{fact}: only on the page: {string.Join(" ", listed.Except(driven))}; only in the matrix: {string.Join(" ", driven.Except(listed))}");
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Words();
}
