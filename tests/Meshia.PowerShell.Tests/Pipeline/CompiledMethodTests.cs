namespace Meshia.PowerShell.Tests;

/// <summary>How much of the module .NET has to compile for one request in a new process.</summary>
public sealed class CompiledMethodTests
{
    /// <summary>A little more than it takes now.</summary>
    private const int MostMethods = 660;

    [Fact]
    public async Task One_request_compiles_few_methods_and_does_not_load_what_repeats_requests()
    {
        var methods = await CompiledMethods.OfOneRequestAsync();

        Assert.DoesNotContain(methods, method => method.Contains("Polly", StringComparison.Ordinal));
        Assert.InRange(CompiledMethods.OfModule(methods).Count, 1, MostMethods);
    }
}
