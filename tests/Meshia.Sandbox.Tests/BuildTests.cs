namespace Meshia.Sandbox.Tests;

public class BuildTests
{
}
